// An import changes what its line says, and nothing else; what would get lost is named before anything is written.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { testFolder } from '../support/command.ts'
import { runImportCommand } from '../support/import.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let files: Awaited<ReturnType<typeof testFolder>>

before(async () => {
  files = await testFolder()
  server = await startTestServer()
})
after(async () => {
  await server.close()
  await files.remove()
})

const run = ([, ...args]: string[]) => runImportCommand(args, server.database.db)
const rowOf = async (email: string) => (await server.sql('select * from auth.users where email = $1', [email]))[0]
const identitiesOf = (id: unknown) =>
  server.sql('select * from auth.identities where user_id = $1 order by provider', [id as string])
const providersOf = async (email: string) => {
  const row = await rowOf(email)
  return (await identitiesOf(row?.id)).map(({ provider }) => provider)
}

test('--upsert with an address and metadata leaves ban, providers, identities, confirmation, role and id alone', async () => {
  const whole = await files.save('whole.ndjson', [
    {
      email: 'whole@example.com',
      phone: '+15550001111',
      email_confirmed_at: '2020-01-02T03:04:05.123456Z',
      phone_confirm: true,
      banned: true,
      role: 'editor',
      created_at: '2019-01-01T00:00:00Z',
      invited_at: '2019-06-01T00:00:00Z',
      last_sign_in_at: '2021-01-01T00:00:00Z',
      password_hash: await bcrypt(password, { cost: 4 }),
      app_metadata: { provider: 'github', providers: ['github', 'email'], plan: 'gold' },
      user_metadata: { a: 1 },
      identities: [{ provider: 'github', provider_id: 'whole', identity_data: { sub: 'whole', user_name: 'ada' } }],
    },
  ])
  assert.equal((await run(['import', whole])).code, 0)
  const before_it = await rowOf('whole@example.com')
  const identities = await identitiesOf(before_it?.id)
  const little = await files.save('little.ndjson', [{ email: 'Whole@example.com', user_metadata: { b: 2 } }])
  const ran = await run(['import', little, '--upsert'])
  assert.deepEqual(
    ran.results.map(({ outcome, id }) => [outcome, id]),
    [['updated', before_it?.id]],
  )
  const after_it = await rowOf('whole@example.com')
  assert.deepEqual(
    { ...after_it, updated_at: null },
    { ...before_it, updated_at: null, raw_user_meta_data: { a: 1, b: 2 } },
  )
  assert.deepEqual(await identitiesOf(before_it?.id), identities)
})

test('--upsert changes what a line says, also to no', async () => {
  const first = await files.save('said.ndjson', [
    { email: 'said@example.com', email_confirm: true, banned: true, role: 'editor' },
  ])
  await run(['import', first])
  const second = await files.save('said2.ndjson', [
    { email: 'said@example.com', email_confirm: false, banned: false, phone: '+15550009999', phone_confirm: true },
  ])
  assert.equal((await run(['import', second, '--upsert'])).code, 0)
  const row = await rowOf('said@example.com')
  assert.deepEqual(
    [row?.email_confirmed_at, row?.banned_until, row?.phone, row?.phone_confirmed_at !== null, row?.role],
    [null, null, '15550009999', true, 'editor'],
  )
})

for (const order of [
  ['profiles', 'hashes'],
  ['hashes', 'profiles'],
])
  test(`Auth0's ${order[0]}, then its ${order[1]} with --upsert, give one whole account that is still blocked`, async () => {
    const name = `auth0-${order[0]}`
    const parts: Record<string, object> = {
      profiles: {
        user_id: `auth0|${name}`,
        email: `${name}@example.com`,
        email_verified: true,
        blocked: true,
        created_at: '2020-02-03T04:05:06.000Z',
        identities: [
          { connection: 'Username-Password-Authentication', provider: 'auth0', user_id: name, isSocial: false },
          { connection: 'google-oauth2', provider: 'google-oauth2', user_id: `g-${name}`, isSocial: true },
        ],
        user_metadata: { colour: 'red' },
        app_metadata: { roles: ['admin'] },
      },
      hashes: {
        _id: { $oid: name },
        email: `${name}@example.com`,
        email_verified: true,
        passwordHash: await bcrypt(password, { cost: 4 }),
        tenant: 'acme',
        connection: 'Username-Password-Authentication',
        _tmp_is_unique: true,
      },
    }
    for (const [at, kind] of order.entries()) {
      const file = await files.save(`${name}-${kind}.ndjson`, [parts[kind] ?? {}])
      const ran = await run(['import', file, '--preset', 'auth0', ...(at > 0 ? ['--upsert'] : [])])
      assert.equal(ran.code, 0, ran.stdout + ran.stderr)
    }
    const rows = await server.sql('select * from auth.users where email = $1', [`${name}@example.com`])
    assert.equal(rows.length, 1)
    const [row] = rows
    assert.deepEqual(await providersOf(`${name}@example.com`), ['email', 'google'])
    assert.deepEqual(
      [row?.created_at, row?.raw_user_meta_data, Object(row?.raw_app_meta_data).roles],
      ['2020-02-03T04:05:06Z', { colour: 'red' }, ['admin']],
    )
    assert.deepEqual(Object(row?.raw_app_meta_data).providers.sort(), ['email', 'google'])
    const signIn = () =>
      server.request('POST', '/token?grant_type=password', { body: { email: `${name}@example.com`, password } })
    assert.equal((await signIn()).body.error_code, 'user_banned')
    await server.sql('update auth.users set banned_until = null where id = $1', [row?.id as string])
    assert.equal((await signIn()).status, 200)
  })

test('columns that would get lost are named before anything is written, and refused without --ignore-unknown', async () => {
  const file = await files.save('misspelt.ndjson', [
    { email: 'misspelt@example.com', emial_confirm: true, password: 'secret', raw_user_meta_data: { a: 1 } },
    { email: 'misspelt2@example.com', encrypted_password: 'x', nothing: null, empty: {} },
  ])
  const refused = await run(['import', file])
  assert.equal(refused.code, 1)
  for (const name of ['emial_confirm', 'password', 'raw_user_meta_data', 'encrypted_password'])
    assert.match(refused.stderr, new RegExp(`\\b${name}\\b`))
  assert.match(refused.stderr, /did you mean email_confirm\?/)
  assert.match(refused.stderr, /--ignore-unknown/)
  assert.doesNotMatch(refused.stderr, /nothing|empty/)
  assert.doesNotMatch(refused.stdout + refused.stderr, /secret/)
  assert.equal(await rowOf('misspelt@example.com'), undefined)
  const dry = await run(['import', file, '--dry-run'])
  assert.equal(dry.code, 1)
  const taken = await run(['import', file, '--ignore-unknown'])
  assert.equal(taken.code, 0, taken.stdout + taken.stderr)
  assert.match(taken.stderr, /emial_confirm/)
  assert.equal((await rowOf('misspelt@example.com'))?.email_confirmed_at, null)
})

test('an unknown field within a list is named with its place', async () => {
  const file = await files.save('within.ndjson', [
    { email: 'within@example.com', identities: [{ provider: 'github', provider_id: '1', providerid: '2' }] },
  ])
  const refused = await run(['import', file])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /identities\[\]\.providerid/)
})

test('an identity that belongs to somebody else is an error of its line', async () => {
  const owner = { provider: 'github', provider_id: 'taken', identity_data: { sub: 'taken' } }
  const file = await files.save('taken.ndjson', [
    { email: 'owner@example.com', identities: [owner] },
    { email: 'thief@example.com', identities: [owner] },
    { email: 'honest@example.com' },
  ])
  const ran = await run(['import', file])
  assert.deepEqual(
    ran.results.map(({ outcome }) => outcome),
    ['created', 'failed', 'created'],
  )
  assert.match(ran.results[1]?.message ?? '', /github identity taken belongs to another account/)
  const later = await files.save('taken2.ndjson', [{ email: 'honest@example.com', identities: [owner] }])
  const again = await run(['import', later, '--upsert'])
  assert.equal(again.results[0]?.outcome, 'failed')
  assert.equal(await rowOf('thief@example.com'), undefined)
  assert.deepEqual(await providersOf('honest@example.com'), ['email'])
})

test('an id that is not the one of the account with that address is an error, not another id in silence', async () => {
  const file = await files.save('ids.ndjson', [
    { id: '6d1f6f0e-9d0c-4f5e-8f2b-0000000000aa', email: 'ids@example.com' },
    { id: '6d1f6f0e-9d0c-4f5e-8f2b-0000000000ab', email: 'ids@example.com', user_metadata: { b: 1 } },
  ])
  const ran = await run(['import', file, '--upsert'])
  assert.deepEqual(
    ran.results.map(({ outcome, code }) => [outcome, code]),
    [
      ['created', undefined],
      ['failed', 'conflict'],
    ],
  )
})

test('a new address by --upsert is confirmed only if its line says so', async () => {
  const id = '6d1f6f0e-9d0c-4f5e-8f2b-0000000000ac'
  await run(['import', await files.save('old.ndjson', [{ id, email: 'old@example.com', email_confirm: true }])])
  const ran = await run(['import', await files.save('new.ndjson', [{ id, email: 'new@example.com' }]), '--upsert'])
  assert.equal(ran.code, 0, ran.stdout)
  assert.equal((await rowOf('new@example.com'))?.email_confirmed_at, null)
  const [identity] = await identitiesOf(id)
  assert.deepEqual([identity?.email, Object(identity?.identity_data).email_verified], ['new@example.com', false])
})

test('a line that confirms an address which nobody proved does not make the password of a stranger good', async () => {
  const email = 'stranger@example.com'
  await server.request('POST', '/signup', { body: { email, password: 'what the stranger chose' } })
  const mails = () =>
    server.sql('select 1 from auth.one_time_tokens t join auth.users u on u.id = t.user_id where u.email = $1', [email])
  assert.equal((await mails()).length, 1)
  const signIn = async (given: string) =>
    (await server.request('POST', '/token?grant_type=password', { body: { email, password: given } })).status
  const confirmed = await files.save('stranger.ndjson', [
    { email, email_confirm: true, app_metadata: { role: 'chief' } },
  ])
  assert.equal((await run(['import', confirmed, '--upsert'])).code, 0)
  assert.equal(await signIn('what the stranger chose'), 400)
  assert.deepEqual(await mails(), [])
  const hash = await bcrypt(password, { cost: 4 })
  const hashed = await files.save('stranger2.ndjson', [{ email, password_hash: hash }])
  await run(['import', hashed, '--upsert'])
  assert.equal(await signIn(password), 200)
  // What somebody has proved stays good.
  await run(['import', confirmed, '--upsert', '--restart'])
  assert.equal(await signIn(password), 200)
})

const linkedForms: Record<
  string,
  { file: string; content: (hash: string) => string; providers: string[]; args?: string[] }
> = {
  firebase: {
    file: 'linked-firebase.json',
    providers: ['email', 'google'],
    args: ['--firebase-signer-key', Buffer.alloc(64, 7).toString('base64')],
    content: () =>
      JSON.stringify({
        users: [
          {
            localId: 'linked',
            email: 'linked-firebase@example.com',
            emailVerified: true,
            passwordHash: Buffer.alloc(64, 1).toString('base64'),
            salt: Buffer.alloc(8, 1).toString('base64'),
            providerUserInfo: [{ providerId: 'google.com', rawId: 'g-linked', email: 'linked-firebase@example.com' }],
          },
        ],
      }),
  },
  keycloak: {
    file: 'linked-keycloak.json',
    providers: ['email', 'github'],
    content: () =>
      JSON.stringify({
        users: [
          {
            username: 'linked',
            email: 'linked-keycloak@example.com',
            credentials: [
              {
                type: 'password',
                secretData: JSON.stringify({ value: Buffer.alloc(32, 1).toString('base64'), salt: 'c2FsdHNhbHQ=' }),
                credentialData: JSON.stringify({ hashIterations: 1000, algorithm: 'pbkdf2-sha256' }),
              },
            ],
            federatedIdentities: [{ identityProvider: 'github', userId: 'k-linked', userName: 'ada' }],
          },
        ],
      }),
  },
  'better-auth': {
    file: 'linked-better.ndjson',
    providers: ['discord', 'email'],
    content: () =>
      JSON.stringify({
        id: 'linked',
        email: 'linked-better-auth@example.com',
        accounts: [
          { providerId: 'credential', accountId: 'linked', password: `${'ab'.repeat(16)}:${'cd'.repeat(64)}` },
          { providerId: 'discord', accountId: 'd-linked' },
        ],
      }),
  },
}
for (const [name, { file, content, providers, args = [] }] of Object.entries(linkedForms))
  test(`--preset ${name}: linked identities come along with a password`, async () => {
    const path = await files.save(file, content(''))
    const ran = await run(['import', path, '--preset', name, ...args])
    assert.equal(ran.code, 0, ran.stdout + ran.stderr)
    assert.deepEqual(await providersOf(`linked-${name}@example.com`), providers)
  })
