// What a request asks for and a constraint refuses is 4xx with a name; nothing of the database is shown, nothing half done stays.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer({ env: { GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' } })
  await server.database.db.script(`
    create table auth.orders (id int primary key, user_id uuid references auth.users, identity_id uuid references auth.identities (id));
    alter table auth.users add constraint grown_up check ((raw_user_meta_data ->> 'age') is null or (raw_user_meta_data ->> 'age')::int >= 18);
    create unique index one_nickname on auth.users ((raw_user_meta_data ->> 'nickname'));`)
})
after(() => server.close())

const refused = (answer: { status: number; text: string; body: Record<string, unknown> }, expected: string) => {
  assert.equal(`${answer.status} ${answer.body.error_code}`, expected, answer.text)
  assert.doesNotMatch(answer.text, /orders|grown_up|one_nickname|constraint|key/i)
}

test('an account that other rows refer to is 409 conflict, and stays whole', async () => {
  const { user, access_token } = await server.user({ email: 'referred@example.com' })
  await server.sql('insert into auth.orders values (1, $1, null)', [user.id])
  const answer = await server.request('DELETE', `/admin/users/${user.id}`, { as: 'service_role' })
  refused(answer, '409 conflict')
  assert.equal(answer.body.msg, 'Other rows still refer to this user')
  assert.equal((await server.request('GET', '/user', { token: access_token })).status, 200)
  assert.deepEqual(
    await server.sql(`select id from auth.audit_log_entries where payload ->> 'action' = 'user_deleted'`),
    [],
  )
  const soft = await server.request('DELETE', `/admin/users/${user.id}`, {
    as: 'service_role',
    body: { should_soft_delete: true },
  })
  assert.equal(soft.status, 200, soft.text)
})

test('a column that a deletion would empty, and that may not be empty, keeps the account too', async () => {
  await server.database.db.script(
    `create table auth.notes (user_id uuid not null references auth.users on delete set null)`,
  )
  const { user } = await server.user({ email: 'noted@example.com' })
  await server.sql('insert into auth.notes values ($1)', [user.id])
  const answer = await server.request('DELETE', `/admin/users/${user.id}`, { as: 'service_role' })
  refused(answer, '409 conflict')
  assert.equal(answer.body.msg, 'Other rows still refer to this user')
  await server.database.db.script('drop table auth.notes')
})

test('a trigger of the application that fails keeps an account from being made, in the words of the recorded server', async () => {
  await server.database.db.script(`
    create function auth.fails() returns trigger language plpgsql as $$ begin insert into auth.nowhere values (new.id); return new; end $$;
    create trigger fails after insert on auth.users for each row when (new.email like 'fails%') execute function auth.fails();`)
  const body = { email: 'fails@example.com', password }
  for (const path of ['/signup', '/otp']) {
    const answer = await server.request('POST', path, { body })
    refused(answer, '500 unexpected_failure')
    assert.equal(answer.body.msg, 'Database error saving new user')
  }
})

test('an identity that other rows refer to too', async () => {
  const linking = await startTestServer({
    database: server.database,
    env: { GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true' },
  })
  try {
    const { user, access_token } = await linking.user({ email: 'linked@example.com' })
    await linking.sql(
      `insert into auth.identities (provider_id, user_id, identity_data, provider) values ('x', $1, '{"sub":"x"}', 'github')`,
      [user.id],
    )
    const [identity] = await linking.sql<{ id: string }>(
      `insert into auth.orders select 2, null, id from auth.identities where provider = 'github' and user_id = $1 returning identity_id as id`,
      [user.id],
    )
    const answer = await linking.request('DELETE', `/user/identities/${identity?.id}`, { token: access_token })
    refused(answer, '409 conflict')
  } finally {
    await linking.close()
  }
})

const password = 'correct horse battery staple'
const writes: [name: string, ask: (data: object) => Promise<Awaited<ReturnType<TestServer['request']>>>][] = [
  [
    'a sign-up',
    (data) => server.request('POST', '/signup', { body: { email: `c${++n}@example.com`, password, data } }),
  ],
  ['an account without an address', (data) => server.request('POST', '/signup', { body: { data } })],
  ['a code by mail', (data) => server.request('POST', '/otp', { body: { email: `c${++n}@example.com`, data } })],
  [
    'an account of an administrator',
    (data) =>
      server.request('POST', '/admin/users', {
        as: 'service_role',
        body: { email: `c${++n}@example.com`, user_metadata: data },
      }),
  ],
  [
    'an invitation',
    (data) => server.request('POST', '/invite', { as: 'service_role', body: { email: `c${++n}@example.com`, data } }),
  ],
  [
    'a change of one’s own account',
    async (data) => {
      const { access_token } = await server.user({ email: `c${++n}@example.com` })
      return server.request('PUT', '/user', { token: access_token, body: { data } })
    },
  ],
  [
    'a change by an administrator',
    async (data) => {
      const { user } = await server.user({ email: `c${++n}@example.com` })
      return server.request('PUT', `/admin/users/${user.id}`, { as: 'service_role', body: { user_metadata: data } })
    },
  ],
]
let n = 0
for (const [name, ask] of writes)
  test(`${name} against a constraint of the application`, async () => {
    await server.sql(
      `update auth.users set raw_user_meta_data = '{"nickname":"taken"}' where email = 'linked@example.com'`,
    )
    refused(await ask({ age: 17 }), '400 validation_failed')
    refused(await ask({ age: 'old' }), '400 validation_failed')
    refused(await ask({ nickname: 'taken' }), '409 conflict')
  })
