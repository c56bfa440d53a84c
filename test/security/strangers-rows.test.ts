// Rows that strangers can make are limited by client, and go by themselves (security REV-20).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Queryable } from '../../src/storage/db.ts'
import { enabled } from '../support/mock-providers.ts'
import { until } from '../support/process.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer({
    env: {
      ...enabled(['github']),
      GOTRUE_OAUTH_SERVER_ENABLED: 'true',
      GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
    },
  })
})
after(() => server.close())

test('REV-20 one client begins a limited number of round trips to providers, and others go on', async () => {
  const begin = (address: string) => server.request('GET', '/authorize?provider=github', { address })
  const statuses: number[] = []
  for (let n = 0; n < 170; n++) statuses.push((await begin('198.51.100.1')).status)
  // One more every two seconds.
  assert.ok(statuses.slice(0, 150).every((status) => status === 302))
  const refused = statuses.filter((status) => status === 429).length
  assert.ok(refused > 0, `${statuses}`)
  const last = await begin('198.51.100.1')
  if (last.status === 429) assert.ok(Number(last.headers.get('retry-after')) > 0)
  assert.equal((await begin('198.51.100.2')).status, 302)
  const [{ n } = { n: 0 }] = await server.sql<{ n: number }>('select count(*)::int as n from auth.flow_state')
  assert.ok(n <= 172 - refused)
})

test('REV-20 one client makes a limited number of requests for authorization', async () => {
  const statuses = new Set<number>()
  for (let n = 0; n < 170; n++)
    statuses.add((await server.request('GET', '/oauth/authorize', { address: '198.51.100.3' })).status)
  assert.deepEqual([...statuses], [400, 429])
})

test('REV-20 what is over is deleted without GOTRUE_DB_CLEANUP_ENABLED, and nothing else is', async () => {
  const { user } = await server.user({ email: 'stays@example.com' })
  const made = [
    'delete from auth.flow_state',
    `insert into auth.flow_state (id, provider_type, authentication_method, created_at) values
      (gen_random_uuid(), 'github', 'oauth', now() - interval '2 days'), (gen_random_uuid(), 'github', 'oauth', now())`,
    `insert into auth.webauthn_challenges (id, challenge_type, session_data, created_at, expires_at) values
      (gen_random_uuid(), 'authentication', '{}', now() - interval '3 days', now() - interval '2 days')`,
    `insert into auth.oauth_clients (id, registration_type, client_type, redirect_uris, grant_types, token_endpoint_auth_method)
      values ('11111111-1111-4111-8111-111111111111', 'manual', 'public', 'https://c.example', 'authorization_code', 'none')`,
    `insert into auth.oauth_authorizations (id, authorization_id, client_id, redirect_uri, scope, response_type, status,
        created_at, expires_at) values
      (gen_random_uuid(), 'old', '11111111-1111-4111-8111-111111111111', 'https://c.example', 'email', 'code', 'pending',
        now() - interval '3 days', now() - interval '2 days')`,
    `insert into postern.used_tokens (hash, expires_at) values ('old', now() - interval '1 hour'), ('new', now() + interval '1 hour')`,
    `insert into postern.attempts (scope, subject, window_start, count) values
      ('login_failed', 'old', now() - interval '3 days', 1), ('login_failed', 'new', now(), 1)`,
  ]
  const left = async (db: Queryable) =>
    (
      await db.query<{ flows: number; tokens: number; attempts: number; asked: number }>(
        `select (select count(*)::int from auth.flow_state) as flows, (select count(*)::int from postern.used_tokens) as tokens,
          (select count(*)::int from auth.webauthn_challenges) + (select count(*)::int from auth.oauth_authorizations) as asked,
          (select count(*)::int from postern.attempts where subject in ('old', 'new')) as attempts`,
      )
    )[0]
  await server.database.db.transaction(async (tx) => {
    for (const statement of made) await tx.query(statement)
    // Here, since a sweep that earlier requests began may come as soon as others see the rows.
    assert.deepEqual(await left(tx), { flows: 2, tokens: 2, attempts: 2, asked: 2 })
  })
  await until('what is over is gone', async () => {
    for (let n = 0; n < 40; n++)
      await server.request('POST', '/verify', {
        body: { type: 'email', email: 'nobody@example.com', token_hash: 'x' },
      })
    const { flows = 2, tokens = 2, attempts = 2, asked = 2 } = (await left(server.database.db)) ?? {}
    return flows + tokens + attempts + asked === 3
  })
  const kept = await server.sql(`select hash from postern.used_tokens`)
  assert.deepEqual(kept, [{ hash: 'new' }])
  assert.equal((await server.sql('select id from auth.users where id = $1', [user.id])).length, 1)
})
