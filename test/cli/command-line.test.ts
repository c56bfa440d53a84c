// The table of commands and its engine: everything that is typed is taken by the command, or refused in words of ours.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Option } from '../../src/cli/command.ts'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { commands, groups } from '../../src/cli/commands.ts'
import { helpText } from '../../src/cli/help-text.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

/** Words of a line as a shell splits them. */
const split = (line: string): string[] =>
  Array.from(line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, double, single, bare]) => double ?? single ?? bare ?? '')

const read = (line: string) => readCommandLine(split(line), commands)

test('mistakes are named, with the command that would take an option and the name that was meant', () => {
  const cases: [string, RegExp][] = [
    ['frobnicate', /^there is no command frobnicate$/],
    ['serv', /^there is no command serv; did you mean postern serve\?$/],
    ['dve', /^there is no command dve; did you mean postern dev\?$/],
    ['serve --prot 3', /^there is no option --prot; did you mean --port\?$/],
    ['doctor --jsn', /^there is no option --jsn; did you mean --json\?$/],
    ['admin users list --x 1', /^there is no option --x$/],
    ['admin users frobnicate', /^there is no command admin users frobnicate$/],
    ['serve now', /^"now" is one word too many; usage: postern serve$/],
    ['admin users get', /^USER is missing; usage: postern admin users get USER…$/],
    ['admin users get ""', /^USER is empty/],
    ['admin link frob a@example.com', /^TYPE must be one of signup, invite, .*, not "frob"$/],
    [
      'admin users get a@example.com --soft',
      /^--soft is no option of postern admin users get; it belongs to postern admin users delete$/,
    ],
    ['admin users list --colour', /^there is no option --colour$/],
    ['admin users list --provder x', /^there is no option --provder; did you mean --provider\?$/],
    ['serve --state x', /^--state is no option of postern serve; it belongs to postern dev/],
    ['admin users list --q', /^--q needs a value: --q TEXT$/],
    ['admin users list --q --json', /^--q needs a value/],
    ['admin users list --json=yes', /^--json takes no value$/],
    ['admin users list --q a --q b', /^--q is given twice$/],
    ['version -x', /^there is no option -x$/],
    ['help frobnicate', /^there is no command frobnicate$/],
  ]
  for (const [line, message] of cases)
    assert.throws(
      () => read(line),
      (error) => error instanceof UsageError && message.test(error.message),
      line,
    )
})

test('values are checked in words of ours, before anything is opened', async () => {
  const cases: [string, RegExp][] = [
    ['admin users list --page one', /^--page must be a whole number from 1 to 1000000, not "one"$/],
    ['admin users list --per-page 0', /^--per-page must be a whole number from 1 to 10000, not "0"$/],
    ['admin users list --per-page -1', /^--per-page must be a whole number/],
    ['admin users list --format xml', /^--format must be one of table, json, csv, not "xml"$/],
    ['admin users list --json --format csv', /^--json and --format differ$/],
    ['admin users list --since yesterday', /^--since must be a time such as /],
    ['admin users list --since 2026-13-01', /^--since must be a time such as /],
    ['admin users list --banned maybe', /^--banned must be one of yes, no, not "maybe"$/],
    ['admin users ban a@example.com --for soon', /^--for must be a length of time such as 90m, 24h, 7d or 1h30m/],
    ['admin users ban a@example.com --for 0s', /^--for must be a length of time/],
    ['admin users ban a@example.com --for 101y', /^--for must be a length of time/],
    ['admin users create --metadata []', /^--metadata must be a JSON object$/],
    ['admin users create --email ""', /^--email needs a value that is not empty$/],
    ['keys generate --alg none', /^--alg must be one of ES256, /],
    ['import users.csv --preset x', /^--preset must be one of postern, .*, not "x"$/],
  ]
  for (const [line, message] of cases) {
    const asked = read(line)
    assert.equal(asked.kind, 'run')
    const run = async () => asked.kind === 'run' && asked.command.run(asked.words, asked.texts)
    await assert.rejects(run, (error) => error instanceof UsageError && message.test(error.message), line)
  }
})

test('options may stand before the command, and values may look like words of it', () => {
  const asked = read('--config a.env admin users list --q users --config b.env')
  assert.ok(asked.kind === 'run')
  assert.equal(asked.command.name, 'admin users list')
  assert.deepEqual(
    [...asked.texts],
    [
      ['config', ['a.env', 'b.env']],
      ['q', ['users']],
    ],
  )
  const dashes = read('admin users get -- --odd')
  assert.deepEqual(dashes.kind === 'run' && dashes.words, ['--odd'])
})

test('every command explains itself with each option and with examples that it takes', () => {
  for (const command of commands) {
    const help = helpText(command.name, commands, groups)
    for (const [name, { about }] of Object.entries<Option>(command.options)) {
      assert.ok(help.includes(`--${name}`) && help.includes(about) && about !== '', `${command.name} --${name}`)
      assert.doesNotMatch(name, /^(help|version)$/)
    }
    assert.ok(command.examples.length > 0, `${command.name} has no example`)
    for (const [line, about] of command.examples) {
      const asked = read(line.replace(/^postern /, '').replace(/ [<>|] .*/, ''))
      assert.ok(asked.kind === 'run' && asked.command === command, line)
      assert.ok(help.includes(line) && help.includes(about))
    }
    assert.ok(!command.words.slice(0, -1).some(({ many }) => many), `${command.name}: only its last word may be many`)
  }
})

test('help is there for each name and each beginning of names, whichever way it is asked for', () => {
  for (const line of [
    '--help',
    'help',
    'admin --help',
    'admin users -h',
    'help admin users',
    'keys rotate --help --config',
  ])
    assert.deepEqual(Object(read(line)), { ...Object(read(line)), kind: 'help', wanted: true }, line)
  for (const line of ['', 'admin', 'admin users']) assert.equal(Object(read(line)).wanted, false)
  const all = helpText('', commands, groups)
  for (const { name } of commands) assert.ok(all.includes(`postern ${name.split(' ')[0]}`))
  assert.match(helpText('admin users', commands, groups), /postern admin users ban USER… +keep people/)
})

test('each beginning of names says what its commands have in common, and no two say the same', () => {
  const beginnings = new Set([''])
  for (const { name } of commands) {
    const words = name.split(' ')
    for (const at of words.slice(1).keys()) beginnings.add(words.slice(0, at + 1).join(' '))
  }
  assert.deepEqual(Object.keys(groups).sort(), [...beginnings].sort())
  assert.equal(new Set(Object.values(groups).map(({ about }) => about)).size, beginnings.size)
})

test('an option takes a value in all commands that have it, or in none', () => {
  const kinds = new Map<string, boolean>()
  for (const { name: command, options } of commands)
    for (const [name, { value }] of Object.entries<Option>(options)) {
      assert.equal(kinds.get(name) ?? value !== null, value !== null, `--${name} of ${command}`)
      kinds.set(name, value !== null)
    }
})
