// POSTERN_MFA_REQUIRED: who must have a second factor gets nothing else before it is shown.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { claimsOf, ownerOfApp, password, showApp, signInAgain } from '../support/second-factors.ts'
import { mint, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let admins: TestServer
before(async () => {
  server = await startTestServer({
    env: { POSTERN_MFA_REQUIRED: 'all', GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true' },
  })
  admins = await startTestServer({ env: { POSTERN_MFA_REQUIRED: 'admins' } })
})
after(async () => {
  await admins.close()
  await server.close()
})

test('who has no factor is told to enrol one, with a role that opens nothing', async () => {
  const person = await server.user({ password })
  const { body } = await signInAgain(server, person)
  assert.equal(body.mfa_required, 'enroll')
  const claims = claimsOf(body.access_token)
  assert.deepEqual([claims.role, claims.aal], ['anon', 'aal1'])
  const token = String(body.access_token)
  for (const [method, path, fields] of [
    ['PUT', '/user', { data: { a: 1 } }],
    ['GET', '/user/sessions', undefined],
    ['GET', '/reauthenticate', undefined],
    ['GET', '/user/identities/authorize?provider=github', undefined],
  ] as const) {
    const { status, body } = await server.request(method, path, { token, ...(fields && { body: fields }) })
    assert.deepEqual([status, body.error_code], [403, 'mfa_required'], `${method} ${path}`)
  }
  assert.equal((await server.request('GET', '/user', { token })).status, 200)
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: body.refresh_token },
  })
  assert.equal(claimsOf(refreshed.body.access_token).role, 'anon')
})

test('the factor that is enrolled gives the role back; the next sign-in asks for it', async () => {
  const owner = await ownerOfApp(server)
  assert.equal(owner.raised.status, 200, owner.raised.text)
  assert.equal(claimsOf(owner.token).role, 'authenticated')
  assert.equal((await server.request('GET', '/user/sessions', { token: owner.token })).status, 200)
  const { body } = await signInAgain(server, owner.person)
  assert.equal(body.mfa_required, 'verify')
  assert.equal(claimsOf(body.access_token).role, 'anon')
  const shown = await showApp(server, String(body.access_token), owner, {}, 1)
  assert.equal(claimsOf(shown.body.access_token).role, 'authenticated')
})

test('people of a company are asked there', async () => {
  const person = await server.user({ password })
  await server.sql('update auth.users set is_sso_user = true where id = $1', [person.user.id])
  const company = await server.request('GET', '/user/sessions', { token: person.access_token })
  assert.equal(company.status, 200)
})

test('only administrators are asked where the policy says so', async () => {
  const strict = admins
  const [anybody, admin] = [await strict.user({ password }), await strict.user({ password })]
  await strict.sql(`update auth.users set role = 'service_role' where id = $1`, [admin.user.id])
  assert.equal((await signInAgain(strict, anybody)).body.mfa_required, undefined)
  const asked = await signInAgain(strict, admin)
  assert.equal(asked.body.mfa_required, 'enroll')
  const { status, body } = await strict.request('GET', '/admin/users', { token: String(asked.body.access_token) })
  assert.deepEqual([status, body.error_code], [403, 'not_admin'])
})

test('an identity cannot be linked by an ID token before the factor is shown', async () => {
  const person = await server.user({ password })
  const { body } = await signInAgain(server, person)
  const linked = await server.request('POST', '/token?grant_type=id_token', {
    token: String(body.access_token),
    body: { id_token: 'x.y.z', provider: 'google', link_identity: true },
  })
  assert.deepEqual([linked.status, linked.body.error_code], [403, 'mfa_required'])
})

test('a token that says administrator of an account that is none needs the factor all the same', async () => {
  const person = await admins.user({ password })
  const { body } = await signInAgain(admins, person)
  const { iat: _, exp: __, ...claims } = claimsOf(body.access_token)
  // As a hook for access tokens would have made it.
  const token = mint({ ...claims, role: 'service_role' })
  const asked = await admins.request('GET', '/admin/users', { token })
  assert.deepEqual([asked.status, asked.body.error_code], [403, 'mfa_required'])
})

test('a hook that makes somebody an administrator does so only once the second factor is shown', async () => {
  await admins.database.db.script(`
    create or replace function auth.promote(event jsonb) returns jsonb language sql as
      $$ select jsonb_build_object('claims', event->'claims' || '{"role":"service_role"}') $$;
    grant execute on function auth.promote to public;`)
  const hooked = await startTestServer({
    database: admins.database,
    env: {
      POSTERN_MFA_REQUIRED: 'admins',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_ENABLED: 'true',
      GOTRUE_HOOK_CUSTOM_ACCESS_TOKEN_URI: 'pg-functions://postgres/auth/promote',
    },
  })
  try {
    const owner = await ownerOfApp(hooked, { email: 'promoted@example.com' })
    const low = await signInAgain(hooked, owner.person)
    assert.equal(claimsOf(low.body.access_token).role, 'anon')
    const shown = await showApp(hooked, String(low.body.access_token), owner, {}, 1)
    assert.equal(claimsOf(shown.body.access_token).role, 'service_role')
  } finally {
    await hooked.close()
  }
})
