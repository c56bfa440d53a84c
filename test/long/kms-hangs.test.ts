// A KMS that hangs: who waits for it, and for how long.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { arnOf, kmsJwk, startFakeKms } from '../support/kms.ts'
import { jwtSecret, startTestServer } from '../support/server.ts'

test('a KMS that hangs holds no connection to the database, and a request for a few seconds only', async () => {
  const kms = await startFakeKms()
  Object.assign(process.env, kms.env)
  const key = { private_key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }
  kms.keys.set(arnOf('slow'), key)
  const k = Buffer.from(jwtSecret).toString('base64url')
  const shared = { kty: 'oct', alg: 'HS256', kid: 'shared', k, key_ops: ['verify'] }
  const asked = await startTestServer({
    pool: 1,
    env: { GOTRUE_JWT_KEYS: JSON.stringify([kmsJwk(arnOf('slow'), 'ES256', 'slow', key), shared]) },
  })
  const person = await asked.user({ email: 'slow@example.com' })
  const reached = Promise.withResolvers<void>()
  kms.before = async () => {
    reached.resolve()
    await new Promise<never>(() => {})
  }
  const body = { email: 'slow@example.com', password: 'correct horse battery staple' }
  const waiting = asked.request('POST', '/token?grant_type=password', { body })
  await reached.promise
  const open = await asked.sql(
    "select 1 from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()",
  )
  assert.deepEqual(open, [])
  assert.equal((await asked.request('GET', '/user', { token: person.access_token })).status, 200)
  const answer = await waiting
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'])
  await asked.close()
  await kms.stop()
})
