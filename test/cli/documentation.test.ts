// What the documentation tells people to type is typed here: each block of shell in README and docs/, line by line, in a folder
// of its own with a database of its own; and each command in a sentence is one that there is, with options that it takes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readCommandLine } from '../../src/cli/command-line.ts'
import { commands } from '../../src/cli/commands.ts'
import { testDatabase } from '../support/database.ts'
import { readPages, root, shellLinesOf } from '../support/documentation.ts'
import { runShell, splitLine } from '../support/shell.ts'

const folder = await mkdtemp(join(tmpdir(), 'postern-docs-'))
after(() => rm(folder, { recursive: true, force: true }))

/** Beginnings of lines that are not run here, each with its reason. */
const elsewhere: Record<string, string> = {
  'npm ci && npm start': 'installs and starts what `postern dev` is, which test/cli/dev.test.ts runs',
  'npm ci && npm test': 'runs this test',
  'postern doctor --config postern.env':
    'finds that nobody runs the mail server of a first file; test/cli/doctor-command.test.ts runs it',
  'postern serve --config postern.env': 'serves until it is stopped; test/faults and test/clients run it',
  'DATABASE_URL=postgres://supabase_auth_admin:…@db':
    'serves until it is stopped, on a host of the example; test/faults runs it',
  'postern init ': 'writes postern.env, which is there for other lines; test/cli/doctor-command.test.ts runs it',
  'postern doctor --config': 'needs a mail server; test/cli/doctor-command.test.ts runs it',
  'postern serve --config': 'serves until it is stopped; test/faults runs it',
  'npm install --global postern': 'needs the package; test/long/image.test.ts runs what is packed',
  'postern keys generate --alg RS256 --kms': 'needs AWS KMS; test/cli/kms-keys.test.ts runs it',
  'postern keys rotate --alg RS256 --kms': 'needs AWS KMS; test/cli/kms-keys.test.ts runs it',
  pg_: 'needs a PostgreSQL with its programs; test/cli/backup.test.ts runs it',
  createdb: 'needs a PostgreSQL with its programs; test/cli/backup.test.ts runs it',
  'DATABASE_URL="$RESTORED_SERVER_URL"': 'looks at what was restored; test/cli/backup.test.ts runs it',
  'docker run': 'needs containers; test/long/image.test.ts runs the steps of the image',
}

const environment = {
  API_EXTERNAL_URL: 'http://auth.example.test',
  GOTRUE_SITE_URL: 'http://site.example',
  GOTRUE_JWT_SECRET: 'test-secret-with-at-least-32-characters',
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
}

const settings = Object.entries(environment)
  .map(([name, value]) => `${name}=${value}\n`)
  .join('')

/** Files that the documentation speaks of, by their names there. */
const files: Record<string, string> = {
  '.env': settings,
  'postern.env': settings,
  'users.ndjson':
    '{"email":"grace@example.com","email_confirm":true}\n{"email":"linus@example.com","role":"authenticated"}\n',
  ...(await tablesOfSupabase()),
  'realm.json': JSON.stringify({ realm: 'main', users: [{ username: 'k', email: 'k@example.com', enabled: true }] }),
}

async function tablesOfSupabase(): Promise<Record<string, string>> {
  const names = { 'users.csv': 'users', 'identities.csv': 'identities', 'mfa_factors.csv': 'factors' }
  const read = async ([file, table]: [string, string]) =>
    [file, await readFile(join(root, `test/fixtures/import/supabase-${table}.csv`), 'utf8')] as const
  return Object.fromEntries(await Promise.all(Object.entries(names).map(read)))
}

const pages = await readPages()

const reasonNot = (line: string): string | undefined =>
  Object.entries(elsewhere).find(([begin]) => line.startsWith(begin))?.[1]

/** Runs a line as somebody would who has postern installed; what is nothing but a command, within this process. */
async function type(line: string, cwd: string, env: Record<string, string>): Promise<{ code: number; output: string }> {
  if (!/^postern [^|<>&;#$`]*$/.test(line) || /--password|--with-secrets/.test(line)) return typeInBash(line, cwd, env)
  const before = process.cwd()
  process.chdir(cwd)
  const { code, stdout, stderr } = await runShell(line.slice('postern '.length), env)
  process.chdir(before)
  return { code, output: stdout + stderr }
}

async function typeInBash(
  line: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const child = spawn('bash', ['-c', line], {
    cwd,
    env: { ...env, PATH: `${folder}/bin:${process.env.PATH}`, HOME: cwd },
  })
  child.stdin.on('error', () => {}).end('correct horse battery staple\n')
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  return { code: await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1))), output }
}

for (const { name, text } of pages) {
  const lines = shellLinesOf(text).filter((line) => reasonNot(line) === undefined)
  if (lines.length === 0) continue
  test(`every line of shell in ${name} does what it says`, async () => {
    const cwd = join(folder, name.replaceAll('/', '-'))
    await mkdir(join(folder, 'bin'), { recursive: true })
    await writeFile(
      join(folder, 'bin/postern'),
      `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/postern.js" "$@"\n`,
    )
    await chmod(join(folder, 'bin/postern'), 0o755)
    await mkdir(cwd)
    // What a page makes itself is not there before.
    for (const [file, content] of Object.entries(files))
      if (!text.includes(`postern init ${file}`)) await writeFile(join(cwd, file), content)
    const database = await testDatabase()
    try {
      for (const line of lines) {
        const { code, output } = await type(line, cwd, { ...environment, DATABASE_URL: database.url })
        assert.equal(code, 0, `${name}: ${line}\n${output}`)
      }
    } finally {
      await database.drop()
    }
  })
}

test('every command that a sentence names is there, and takes the options that it is named with', () => {
  for (const { name, text } of pages)
    for (const [, line = ''] of text.replace(/^```.*?^```/gms, '').matchAll(/`postern ([a-z][^`]*)`/g)) {
      const [first = ''] = splitLine(line)
      assert.ok(
        commands.some((row) => row.name.split(' ')[0] === first),
        `${name}: postern ${line}`,
      )
      try {
        readCommandLine(splitLine(line.replace(/[…\]]|\[/g, ' ')), commands)
      } catch (error) {
        assert.match(String(error), /is missing; usage/, `${name}: postern ${line}`)
      }
    }
})

test('what is not run here is still in the documentation, so that no excuse outlives its line', () => {
  const all = pages.flatMap(({ text }) => shellLinesOf(text))
  for (const [begin, reason] of Object.entries(elsewhere))
    assert.ok(all.some((line) => line.startsWith(begin)) && reason !== '', begin)
})

test('code in a sentence, an item or a row of a table begins and ends there', () => {
  const open = pages.flatMap(({ name, text }) =>
    text
      .replace(/^```.*?^```/gms, '')
      .split(/\n\n|\n(?=[|-])/)
      .filter((block) => (block.match(/`/g)?.length ?? 0) % 2 === 1)
      .map((block) => `${name}: ${block.trim().slice(0, 80)}`),
  )
  assert.deepEqual(open, [])
})
