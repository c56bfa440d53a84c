// .env files, read as by the reference.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { readEnvFile } from '../../src/config/env-file.ts'
import { readVariables } from '../../src/config/variables-file.ts'
import { readConfigDir } from '../../src/operations/config-dir.ts'

describe('.env files', () => {
  test('names, values, quotes and comments are read as by the reference', () => {
    const file = [
      '\uFEFF# a comment',
      'PLAIN=value',
      '  export EXPORTED=yes',
      'SPACED =  two words  ',
      'YAML: style',
      'EMPTY=',
      'BEGUN= # value',
      'KEPT= #a # why',
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
        BEGUN: '# value',
        KEPT: '#a',
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

  test('$NAME stands for a value further up; any other dollar stays, as in passwords', () => {
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
      'PASSWORD=p$WORD9x',
      'QUOTED="p$$HOSTx"',
      'UNEXPANDED=postgres://u:$(PW)@h',
    ]
    assert.deepEqual(readEnvFile(file.join('\n')), {
      HOST: 'db',
      A: 'db:1',
      B: 'dbx',
      C: '$HOST',
      D: '$HOST',
      E: '$HOST',
      F: '[$NONE]',
      G: 'a$b$',
      PASSWORD: 'p$WORD9x',
      QUOTED: 'p$dbx',
      UNEXPANDED: 'postgres://u:$(PW)@h',
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

test('a .json file is an object of texts; what is wrong names the file', () => {
  const read = (text: string) => readVariables('some/app.json', text)
  assert.deepEqual(read('\uFEFF{"GOTRUE_SITE_URL": "https://app.example", "A": "$A # b"}'), {
    GOTRUE_SITE_URL: 'https://app.example',
    A: '$A # b',
  })
  for (const text of ['', '[]', 'null', '{"A": "secret"', 'A=secret'])
    assert.throws(() => read(text), { message: /^some\/app\.json: must be a JSON object such as / })
  for (const value of ['1', 'true', 'null', '{}'])
    assert.throws(() => read(`{"B": "x", "A": ${value}}`), {
      message: 'some/app.json: the value of A must be a text in quotes',
    })
  assert.throws(() => readVariables('prod.env', 'secret'), { message: 'prod.env: line 1: expected NAME=value' })
  assert.deepEqual(readVariables('prod.env', 'A=1'), { A: '1' })
})

test('a folder is read by the names of its files, and of two that differ in their end alone the JSON', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-config-'))
  const files = {
    '10.env': 'A=1\nB=1\nC=1',
    '20.json': '{"B":"2"}',
    '20.env': 'B=unread\nC=unread',
    '30.env': 'D=3',
    'notes.txt': 'E=4',
  }
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    assert.deepEqual(await readConfigDir(folder), { A: '1', B: '2', C: '1', D: '3' })
    await writeFile(join(folder, '40.json'), '{"A":1}')
    await assert.rejects(readConfigDir(folder), { message: '40.json: the value of A must be a text in quotes' })
  } finally {
    await rm(folder, { recursive: true })
  }
})
