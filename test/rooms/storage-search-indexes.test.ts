// Indexes for searches of administrators: made by `serve` on request, never otherwise.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startServe, until } from '../support/process.ts'
import { jwtSecret } from '../support/server.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.drop())

const environment = (more: Record<string, string> = {}) => ({
  DATABASE_URL: database.url,
  API_EXTERNAL_URL: 'http://auth.example.test',
  GOTRUE_SITE_URL: 'http://site.example',
  GOTRUE_JWT_SECRET: jwtSecret,
  ...more,
})
const indexes = async (): Promise<string[]> => {
  const rows = await database.db.query<{ name: string }>(
    `select c.relname as name from pg_index x join pg_class c on c.oid = x.indexrelid
      where x.indisvalid and c.relname like 'postern%' and c.relnamespace = 'auth'::regnamespace order by 1`,
  )
  return rows.map(({ name }) => name)
}

test('serve makes no index of its own', async () => {
  const server = await startServe(environment())
  await server.stop()
  assert.deepEqual(await indexes(), [])
})

test('two instances that are asked for indexes make each once, and start meanwhile', async () => {
  const env = environment({ GOTRUE_INDEX_WORKER_ENSURE_USER_SEARCH_INDEXES_EXIST: 'true' })
  const servers = await Promise.all([startServe(env), startServe(env)])
  await until('all indexes', async () => (await indexes()).length >= 11)
  await Promise.all(servers.map((server) => server.stop()))
  assert.ok((await indexes()).includes('postern_users_created_at_idx'))
})
