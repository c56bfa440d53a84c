// .env files, read as by the reference.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readEnvFile } from '../../src/config/env-file.ts'

describe('.env files', () => {
  test('names, values, quotes and comments are read as by the reference', () => {
    const file = [
      '\uFEFF# a comment',
      'PLAIN=value',
      '  export EXPORTED=yes',
      'SPACED =  two words  ',
      'YAML: style',
      'EMPTY=',
      'ONLY_COMMENT= # nothing',
      'COMMENT=value # why',
      'HASH=#fff',
      'INNER=a#b',
      "SINGLE='as $IT \\n is' # why",
      'DOUBLE="a\\nb \\"c\\" \\t"',
      'LINES="first',
      '# no comment',
      'last"',
      'AFTER=1',
      'AFTER=2',
      'URL=postgres://u:p@h:5/d?sslmode=disable&x=1',
    ]
    for (const end of ['\n', '\r\n'])
      assert.deepEqual(readEnvFile(file.join(end)), {
        PLAIN: 'value',
        EXPORTED: 'yes',
        SPACED: 'two words',
        YAML: 'style',
        EMPTY: '',
        ONLY_COMMENT: '',
        COMMENT: 'value',
        HASH: '#fff',
        INNER: 'a#b',
        SINGLE: 'as $IT \\n is',
        DOUBLE: 'a\nb "c" t',
        LINES: 'first\n# no comment\nlast',
        AFTER: '2',
        URL: 'postgres://u:p@h:5/d?sslmode=disable&x=1',
      })
  })

  test('$NAME stands for a value further up, a backslash keeps the dollar', () => {
    const file = [
      'HOST=db',
      'A=$HOST:1',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax, which is what is tested
      'B="${HOST}x"',
      "C='$HOST'",
      'D=\\$HOST',
      'E="\\$HOST"',
      'F=[$NONE]',
      'G=a$b$',
    ]
    assert.deepEqual(readEnvFile(file.join('\n')), {
      HOST: 'db',
      A: 'db:1',
      B: 'dbx',
      C: '$HOST',
      D: '$HOST',
      E: '$HOST',
      F: '[]',
      G: 'a$b$',
    })
  })

  test('what is no assignment is an error with its line, and without its text', () => {
    assert.throws(() => readEnvFile('A=1\n\nsecret words\n'), { message: 'line 3: expected NAME=value' })
    assert.throws(() => readEnvFile('A=1\nB="secret\nC=2\n'), { message: 'line 2: the quote is never closed' })
    assert.throws(() => readEnvFile('A="x" secret'), { message: 'line 1: expected NAME=value' })
  })

  test('a name such as __proto__ is a name', () => {
    assert.deepEqual(Object.entries(readEnvFile('__proto__=1')), [['__proto__', '1']])
  })
})
