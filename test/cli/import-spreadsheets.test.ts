// Files as people make them: spreadsheets of each kind, and hashes that nobody knows.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testFolder } from '../support/command.ts'
import { runImportCommand } from '../support/import.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let files: Awaited<ReturnType<typeof testFolder>>

before(async () => {
  server = await startTestServer()
  files = await testFolder()
})
after(async () => {
  await server.close()
  await files.remove()
})

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/import/${name}`, import.meta.url))
const run = (...args: string[]) => runImportCommand(args, server.database.db)
const signIn = (email: string, given: string) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })

async function account(email: string) {
  const [row] = await server.sql('select * from auth.users where email = $1', [email])
  assert.ok(row, email)
  return { row, app: Object(row.raw_app_meta_data) }
}

test('spreadsheets: separators, spaces, yes and no, empty rows, headers with spaces, and Latin-1 with a hint', async () => {
  const map = ['--map', 'E-Mail=email', '--map', 'Team=app_metadata.team']
  const refused = await run(fixture('spreadsheet.csv'), ...map)
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /not UTF-8 .*--encoding latin1/)
  const ran = await run(fixture('spreadsheet.csv'), ...map, '--encoding', 'latin1')
  assert.deepEqual(
    ran.results.map(({ line, outcome }) => [line, outcome]),
    [
      [2, 'created'],
      [4, 'created'],
      [5, 'created'],
    ],
    ran.stdout + ran.stderr,
  )
  const [first, second, third] = await Promise.all(
    ['gruse@example.com', 'zwei@example.com', 'drei@example.com'].map(account),
  )
  assert.equal(first?.app.team, 'Größe')
  assert.deepEqual(
    [first, second, third].map((one) => [one?.row.email_confirmed_at !== null, one?.row.banned_until !== null]),
    [
      [true, false],
      [true, true],
      [false, false],
    ],
  )
  assert.deepEqual([first?.row.created_at, second?.row.created_at], ['2024-05-06T00:00:00Z', '2024-05-06T07:08:00Z'])
  const headless = await run(await files.save('headless.csv', 'ada@example.com,secret hash\ngrace@example.com,x\n'))
  assert.equal(headless.code, 1)
  assert.match(headless.stderr, /names no column which is known/)
  assert.doesNotMatch(headless.stderr, /secret hash/)
  const tab = await run(fixture('spreadsheet-tab.CSV'))
  assert.equal(tab.code, 0, tab.stdout + tab.stderr)
  assert.equal((await account('tab@example.com')).row.phone, '15550009999')
})

test('a hash that nobody knows fails its line by name, or comes without it where that is asked for', async () => {
  const file = await files.save('unknown.ndjson', [
    {
      email: 'unknown-hash@example.com',
      email_confirm: true,
      password_hash: '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$secretsecret',
    },
    { email: 'known-hash@example.com', email_confirm: true, password_hash: '7ed09bd33dfec3db4424e4f214cb203c' },
    { email: 'dear-hash@example.com', password_hash: '$2b$31$'.padEnd(60, 'a') },
  ])
  const first = await run(file)
  assert.deepEqual(
    first.results.map(({ outcome }) => outcome),
    ['failed', 'created', 'failed'],
  )
  assert.match(first.results[0]?.message ?? '', /begins with \$y\$/)
  assert.doesNotMatch(first.stdout + first.stderr, /secretsecret/)
  const second = await run(file, '--without-passwords')
  assert.deepEqual(
    second.results.map(({ outcome }) => outcome),
    ['created', 'skipped', 'created'],
  )
  assert.equal((await account('unknown-hash@example.com')).row.encrypted_password, null)
  assert.equal((await signIn('known-hash@example.com', 'Grüße, correct horse 1')).status, 200)
})
