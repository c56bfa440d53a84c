// Numbers of JSON keep their digits, and everything else is as JSON.parse reads it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digitsOf, parseExactJson } from '../../src/exact-json.ts'

test('numbers that a double can hold are numbers', () => {
  for (const text of ['0', '-1', '1.5', '1.50', '1e3', '0.1', '9007199254740991', '-0', '0e5', '1.0e2'])
    assert.equal(parseExactJson(text), JSON.parse(text), text)
})

test('others keep every digit on their way through', () => {
  for (const text of ['9007199254740993', '175928847299117063', '-12345678901234567890', '1e400', '-1E+400', '1e-400'])
    for (const json of [text, `[${text}]`, `{"a":{"b":[1,${text}]}}`, `[1, ${text}]`, `{"a" : ${text}}`])
      assert.equal(JSON.stringify(parseExactJson(json)), json.replaceAll(' ', ''))
  assert.equal(JSON.stringify(parseExactJson('0.12345678901234567891')), '0.12345678901234567891')
  assert.equal(digitsOf(parseExactJson('9007199254740993')), '9007199254740993')
  for (const value of [1, '9007199254740993', null, {}, [], { rawJSON: '1' }]) assert.equal(digitsOf(value), undefined)
})

test('digits within texts are texts', () => {
  const text = '{"12345678901234567890":"12345678901234567890, 1e400","b":"[12345678901234567890"}'
  assert.deepEqual(parseExactJson(text), JSON.parse(text))
})

test('what is no JSON is refused alike', () => {
  for (const text of ['', '{"a":12345678901234567890', '01234567890123456789', 'NaN'])
    assert.throws(() => parseExactJson(text), SyntaxError)
})
