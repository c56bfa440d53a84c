// Exports of other systems, as their documentation shows them: who had an account there has all of it here, and signs in.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { totpCode } from '../../src/crypto/totp.ts'
import { testFolder } from '../support/command.ts'
import { runImportCommand } from '../support/import.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
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
const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })

interface Account {
  row: Record<string, unknown>
  app: Record<string, unknown>
  profile: Record<string, unknown>
  providers: string[]
  factors: Record<string, unknown>[]
}

async function account(email: string): Promise<Account> {
  const [row] = await server.sql('select * from auth.users where email = $1', [email])
  assert.ok(row, email)
  const id = String(row.id)
  const identities = await server.sql<{ provider: string }>(
    'select provider from auth.identities where user_id = $1 order by provider',
    [id],
  )
  const factors = await server.sql('select * from auth.mfa_factors where user_id = $1 order by factor_type', [id])
  return {
    row,
    app: Object(row.raw_app_meta_data),
    profile: Object(row.raw_user_meta_data),
    providers: identities.map(({ provider }) => provider),
    factors,
  }
}

test('Auth0: profile, hash, linked identity, second factors, metadata and times', async () => {
  assert.equal((await run(fixture('auth0-profiles.ndjson'), '--preset', 'auth0')).code, 0)
  const ran = await run(fixture('auth0-hashes.ndjson'), '--preset', 'auth0', '--upsert')
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  const { row, app, profile, providers, factors } = await account('auth0@example.com')
  assert.deepEqual([row.created_at, row.last_sign_in_at], ['2020-10-06T15:33:43.616Z', '2021-11-01T10:00:00Z'])
  assert.deepEqual(
    [app.plan, app.imported_id, providers],
    ['gold', 'auth0|5f7c8ec7c33c6c004bbafe82', ['email', 'google']],
  )
  assert.deepEqual([profile.name, profile.colour, profile.user_name], ['Ada King', 'red', undefined])
  assert.deepEqual(
    factors.map(({ factor_type, status, phone }) => [factor_type, status, phone]),
    [
      ['totp', 'verified', null],
      ['phone', 'verified', '15551112222'],
    ],
  )
  assert.equal((await signIn('auth0@example.com')).status, 200)
  await run(fixture('auth0-custom-hash.ndjson'), '--preset', 'auth0')
  assert.equal((await signIn('auth0-custom@example.com')).status, 200)
})

test('a second factor that was imported raises a session', async () => {
  const session = await signIn('auth0@example.com')
  const token = String(session.body.access_token)
  const address = '192.0.2.9'
  const { factors } = await account('auth0@example.com')
  const factor = factors.find(({ factor_type }) => factor_type === 'totp')
  const challenge = await server.request('POST', `/factors/${factor?.id}/challenge`, { token, body: {}, address })
  const code = totpCode('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', Date.now() / 1000)
  const verified = await server.request('POST', `/factors/${factor?.id}/verify`, {
    token,
    address,
    body: { challenge_id: challenge.body.id, code },
  })
  assert.equal(verified.status, 200, verified.text)
})

const firebaseKey = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=='
const ofFirebase = ['--preset', 'firebase', '--firebase-signer-key', firebaseKey, '--firebase-salt-separator', 'Bw==']

for (const [file, email] of [
  ['firebase.json', 'firebase@example.com'],
  ['firebase.csv', 'firebase-csv@example.com'],
] as const)
  test(`Firebase: ${file} with its hash, linked identity, claims, number and times`, async () => {
    const ran = await run(fixture(file), ...ofFirebase)
    assert.equal(ran.code, 0, ran.stdout + ran.stderr)
    const { row, app, providers, factors } = await account(email)
    assert.deepEqual([row.created_at, row.last_sign_in_at], ['2020-10-06T15:33:43.616Z', '2021-11-01T10:00:00Z'])
    assert.deepEqual([app.roles, providers], [['editor'], ['email', 'google', 'phone']])
    assert.notEqual(row.phone_confirmed_at, null)
    if (file === 'firebase.json')
      assert.deepEqual(
        factors.map(({ phone }) => phone),
        ['15553335555'],
      )
    assert.equal((await signIn(email, 'user1password')).status, 200)
  })

test('Clerk: hash, TOTP, further addresses', async () => {
  assert.equal((await run(fixture('clerk.csv'), '--preset', 'clerk')).code, 0)
  const { row, app, profile, factors } = await account('clerk@example.com')
  assert.notEqual(row.email_confirmed_at, null)
  assert.deepEqual([app.verified_email_addresses, profile.name], [['ada@example.com'], 'Ada King, Countess'])
  assert.deepEqual(
    factors.map(({ secret }) => secret),
    ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
  )
  assert.equal((await signIn('clerk@example.com')).status, 200)
})

test('Cognito: attributes, custom ones, identities, numbers for codes, disabled accounts', async () => {
  const ran = await run(fixture('cognito.json'), '--preset', 'cognito')
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  const { row, profile, providers, factors } = await account('cognito@example.com')
  assert.equal(row.id, '6d1f6f0e-9d0c-4f5e-8f2b-00000000000b')
  assert.match(String(row.created_at), /^2020-10-06T15:33:43/)
  assert.deepEqual([profile.name, profile.team, row.banned_until], ['Ada King', 'blue', '2999-12-31T00:00:00Z'])
  assert.deepEqual([providers, factors.map(({ phone }) => phone)], [['google', 'phone'], ['15559990001']])
})

test('Keycloak: password, authenticator app, roles, groups, attributes; service accounts are skipped', async () => {
  const ran = await run(fixture('keycloak.json'), '--preset', 'keycloak')
  assert.deepEqual(
    ran.results.map(({ outcome, code }) => [outcome, code]),
    [
      ['created', undefined],
      ['skipped', 'left_out'],
    ],
  )
  const { app, profile, providers, factors } = await account('keycloak@example.com')
  assert.deepEqual(
    [app.roles, app.client_roles, app.groups],
    [['offline_access', 'editor'], { app: ['admin'] }, ['/staff']],
  )
  assert.deepEqual([profile.team, profile.badges, providers], ['blue', ['one', 'two'], ['email', 'github']])
  // The secret's letters are the key; their base32 is what our table holds.
  assert.deepEqual(
    factors.map(({ secret, friendly_name }) => [secret, friendly_name]),
    [['I5BEC4KVJI4WIWBRNZAXG5KGKR5E4ZTE', 'Phone app']],
  )
  assert.equal((await signIn('keycloak@example.com')).status, 200)
})

test('better-auth: tables user and account as two files', async () => {
  const ran = await run(
    fixture('better-auth-users.ndjson'),
    fixture('better-auth-accounts.ndjson'),
    '--preset',
    'better-auth',
  )
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  assert.match(ran.stderr, /accounts\[\]\.accessToken/)
  const { row, app, providers } = await account('better-auth@example.com')
  assert.deepEqual([app.roles, app.ban_reason, row.banned_until], [['admin'], 'spam', '2999-01-01T00:00:00Z'])
  assert.deepEqual(providers, ['discord', 'email'])
  assert.equal((await signIn('better-auth@example.com')).body.error_code, 'user_banned')
})

test('Supabase: users, identities and factors from COPY, the same as from JSON', async () => {
  const tables = ['users', 'identities', 'factors'].map((name) => fixture(`supabase-${name}.csv`))
  const read = async () => {
    const { row, providers, factors } = await account('supabase@example.com')
    const identities = await server.sql(
      'select id, identity_data, created_at from auth.identities where user_id = $1 order by id',
      [String(row.id)],
    )
    return { row, providers, factors, identities }
  }
  const ran = await run(...tables, '--preset', 'supabase')
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  assert.deepEqual(
    ran.results.map(({ outcome }) => outcome),
    ['created', 'created', 'skipped'],
  )
  const of_csv = await read()
  assert.equal(of_csv.row.id, '11111111-1111-4111-8111-111111111111')
  assert.deepEqual(
    [of_csv.row.created_at, of_csv.row.email_confirmed_at, of_csv.row.banned_until],
    ['2024-01-02T03:04:05.678901Z', '2024-01-03T03:04:05.5Z', '2999-01-01T00:00:00Z'],
  )
  assert.deepEqual(of_csv.row.raw_user_meta_data, { tags: ['a', 'b'], none: null })
  assert.deepEqual(
    of_csv.factors.map(({ id, secret }) => [id, secret]),
    [['66666666-6666-4666-8666-666666666666', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP']],
  )
  // Nobody vouches for a password whose address was never proved.
  const unproved = await account('supabase-unproved@example.com')
  assert.deepEqual(
    await server.sql('select 1 from postern.pending_credentials where user_id = $1', [String(unproved.row.id)]),
    [],
  )
  await server.sql(`delete from auth.users where email like 'supabase%'`)
  const of_json = await run(fixture('supabase.json'), '--preset', 'supabase')
  assert.equal(of_json.code, 0, of_json.stdout + of_json.stderr)
  assert.deepEqual(await read(), of_csv)
})

test('Supabase: tables one after the other, with --upsert; rows without an account are errors', async () => {
  await server.sql(`delete from auth.users where email like 'supabase%'`)
  const orphan = await run(fixture('supabase-identities.csv'), '--preset', 'supabase', '--upsert')
  assert.deepEqual(
    orphan.results.map(({ code }) => code),
    ['user_not_found'],
  )
  for (const name of ['users', 'identities', 'factors']) {
    const ran = await run(fixture(`supabase-${name}.csv`), '--preset', 'supabase', '--upsert')
    assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  }
  const { providers, factors } = await account('supabase@example.com')
  assert.deepEqual([providers, factors.length], [['email', 'google'], 1])
})

test('secrets are encrypted at the first write where encryption at rest is on', async () => {
  const key = Buffer.alloc(32, 7).toString('base64url')
  const settings = { encrypt: true, key_id: 'k1', key, decryption_keys: { k1: key } }
  await server.sql(`delete from auth.users where email like 'supabase%'`)
  const ran = await runImportCommand([fixture('supabase.json'), '--preset', 'supabase'], server.database.db, settings)
  assert.equal(ran.code, 0, ran.stdout + ran.stderr)
  const { row, factors } = await account('supabase@example.com')
  assert.match(String(row.encrypted_password), /^\{"key_id":"k1"/)
  assert.match(String(factors[0]?.secret), /^\{"key_id":"k1"/)
})
