// POSTERN_DB_DRIVER: the whole server on PGlite, and on a PostgreSQL that it starts itself.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createAuth } from '../../src/index.ts'
import { jwtSecret, mint } from '../support/server.ts'

/** The body of an answer. */
const read = async (answer: Response) => Object(await answer.json())

for (const kind of ['pglite', 'embedded'])
  test(`a server on ${kind} keeps accounts from one start to the next, in POSTERN_DATA_DIR`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-kind-'))
    const open = () =>
      createAuth({
        env: {
          POSTERN_DB_DRIVER: kind,
          POSTERN_DATA_DIR: join(folder, 'data'),
          API_EXTERNAL_URL: 'http://auth.example.test',
          GOTRUE_SITE_URL: 'http://site.example',
          GOTRUE_JWT_SECRET: jwtSecret,
          GOTRUE_MAILER_AUTOCONFIRM: 'true',
          GOTRUE_LOG_LEVEL: 'fatal',
        },
      })
    const post = (path: string, body: object, token?: string) =>
      new Request(`http://auth.example.test${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify(body),
      })
    const person = { email: 'ada@example.com', password: 'correct horse battery staple' }
    const client = { client_address: '192.0.2.1' }
    try {
      const first = open()
      await first.migrate()
      const made = await first.fetch(post('/signup', person), client)
      assert.equal(made.status, 200, await made.clone().text())
      const id = (await read(made)).user.id
      await first.close()
      const second = open()
      await second.migrate()
      const session = await second.fetch(post('/token?grant_type=password', person), client)
      assert.equal((await read(session)).user.id, id)
      const refused = await second.fetch(post('/admin/users', person, mint({ role: 'service_role' })), client)
      assert.deepEqual([refused.status, (await read(refused)).error_code], [422, 'email_exists'])
      await second.close()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
