// postern import and export: real files, processes and a real database; who was imported signs in.
import assert from 'node:assert/strict'
import { createCipheriv, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { runCommand } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { runImportCommand } from '../support/import.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let folder: string
let database: TestDatabase
let server: TestServer

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-import-'))
  database = await testDatabase()
  server = await startTestServer({ database })
})
after(async () => {
  await server.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Imports run within this process, exports as one of their own. */
async function run(args: string[], on: TestDatabase = database) {
  const [name, ...rest] = args
  const ran = name === 'import' ? await runImportCommand(rest, on.db) : await runCommand(args, on.url)
  return { ...ran, lines: () => ran.results }
}

async function save(name: string, content: string | object[]): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, typeof content === 'string' ? content : content.map((line) => JSON.stringify(line)).join('\n'))
  return file
}

const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })
const text = (bytes: Buffer) => bytes.toString('base64')

test('good lines are imported, bad ones reported with their field, and the exit code says so', async () => {
  const hash = await bcrypt(password, { cost: 4 })
  const file = await save('mixed.ndjson', [
    {
      id: '6d1f6f0e-9d0c-4f5e-8f2b-000000000001',
      email: 'Good@Example.com',
      email_confirm: true,
      password_hash: hash,
      user_metadata: { a: 1 },
      created_at: '2020-02-03T04:05:06Z',
    },
    { email: 'no address' },
    { email: 'hash@example.com', password_hash: 'plain text' },
    { email: 'slow@example.com', password_hash: '$2b$31$'.padEnd(60, 'a') },
    { user_metadata: {} },
    { email: 'time@example.com', created_at: 'yesterday' },
    { email: 'good@example.com' },
    { phone: '+15550002222', phone_confirm: true },
    { email: 'nul@example.com', user_metadata: { a: 'x\0y' } },
  ])
  const first = await run(['import', file])
  assert.equal(first.code, 1, first.stderr)
  assert.deepEqual(
    first.lines().map(({ line, outcome }) => `${line} ${outcome}`),
    ['1 created', '2 failed', '3 failed', '4 failed', '5 failed', '6 failed', '7 skipped', '8 created', '9 failed'],
  )
  const messages = first.lines().map(({ message }) => message)
  assert.match(messages[1] ?? '', /^email: /)
  assert.match(messages[2] ?? '', /^password_hash: /)
  assert.match(messages[3] ?? '', /^password_hash: .*cost/)
  assert.match(messages[4] ?? '', /email or phone is required/)
  assert.match(messages[5] ?? '', /^created_at: is no time/)
  assert.match(messages[8] ?? '', /^user_metadata contains a character/)
  assert.match(first.stderr, /2 created, 0 updated, 1 skipped, 6 failed\.\n$/)
  const session = await signIn('good@example.com')
  assert.equal(session.status, 200, session.text)
  const user = Object(session.body.user)
  assert.deepEqual(
    [user.id, user.created_at, user.user_metadata],
    ['6d1f6f0e-9d0c-4f5e-8f2b-000000000001', '2020-02-03T04:05:06Z', { a: 1 }],
  )
  assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'] })
  const again = await run(['import', file])
  assert.deepEqual(
    again
      .lines()
      .filter(({ outcome }) => outcome !== 'failed')
      .map(({ outcome }) => outcome),
    ['skipped', 'skipped', 'skipped'],
  )
  const upserted = await save('upsert.ndjson', [{ email: 'good@example.com', user_metadata: { b: 2 } }])
  assert.deepEqual(
    (await run(['import', upserted, '--upsert'])).lines().map(({ outcome, id }) => [outcome, id]),
    [['updated', user.id]],
  )
  assert.deepEqual(Object((await signIn('good@example.com')).body.user).user_metadata, { a: 1, b: 2 })
})

test('--dry-run says what would be and writes nothing', async () => {
  const file = await save('dry.ndjson', [{ email: 'dry@example.com' }, { email: 'x' }])
  const notes = await server.sql('select run from postern.imported_accounts')
  const result = await run(['import', file, '--dry-run'])
  assert.deepEqual(
    result.lines().map(({ outcome }) => outcome),
    ['created', 'failed'],
  )
  assert.deepEqual(await server.sql(`select id from auth.users where email = 'dry@example.com'`), [])
  assert.deepEqual(await server.sql('select run from postern.imported_accounts'), notes)
})

const salt = randomBytes(16)
const signerKey = randomBytes(64)

/** A hash as Firebase makes it. */
function firebaseHash(): string {
  const derived = scryptSync(password, Buffer.concat([salt, Buffer.from('sep')]), 32, { N: 2 ** 14, r: 8, p: 1 })
  const cipher = createCipheriv('aes-256-ctr', derived, Buffer.alloc(16))
  return text(Buffer.concat([cipher.update(signerKey), cipher.final()]))
}

const hex = salt.toString('hex')
const presets: Record<string, { file: string; content: string | (() => Promise<string>); args?: string[] }> = {
  auth0: {
    file: 'auth0.ndjson',
    content: async () =>
      JSON.stringify({
        _id: { $oid: '5f1' },
        email: 'auth0@example.com',
        email_verified: true,
        passwordHash: await bcrypt(password, { cost: 4 }),
        nickname: 'ada',
      }),
  },
  firebase: {
    file: 'firebase.json',
    content: async () =>
      JSON.stringify({
        users: [
          {
            localId: 'uid1',
            email: 'firebase@example.com',
            emailVerified: true,
            passwordHash: firebaseHash(),
            salt: text(salt),
            createdAt: '1580702706000',
          },
        ],
      }),
    args: ['--firebase-signer-key', text(signerKey), '--firebase-salt-separator', text(Buffer.from('sep'))],
  },
  clerk: {
    file: 'clerk.csv',
    content: async () =>
      `id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,password_digest,password_hasher\nuser_1,Ada,"King, Countess",,clerk@example.com,,clerk@example.com,${await bcrypt(password, { cost: 4 })},bcrypt\n`,
  },
  keycloak: {
    file: 'realm.json',
    content: JSON.stringify({
      realm: 'main',
      users: [
        {
          id: '6d1f6f0e-9d0c-4f5e-8f2b-00000000000a',
          email: 'keycloak@example.com',
          emailVerified: true,
          enabled: true,
          firstName: 'Ada',
          credentials: [
            {
              type: 'password',
              secretData: JSON.stringify({
                value: text(pbkdf2Sync(password, salt, 27_500, 64, 'sha256')),
                salt: text(salt),
              }),
              credentialData: JSON.stringify({ hashIterations: 27_500, algorithm: 'pbkdf2-sha256' }),
            },
          ],
        },
      ],
    }),
  },
  'better-auth': {
    file: 'better.ndjson',
    content: JSON.stringify({
      id: 'k3jf93',
      email: 'better-auth@example.com',
      emailVerified: true,
      name: 'Ada',
      accounts: [
        {
          providerId: 'credential',
          password: `${hex}:${scryptSync(password, hex, 64, { N: 16384, r: 16, p: 1, maxmem: 1e8 }).toString('hex')}`,
        },
      ],
    }),
  },
}

for (const [name, { file, content, args = [] }] of Object.entries(presets))
  test(`--preset ${name}: who had a password there signs in with it here`, async () => {
    const path = await save(file, typeof content === 'string' ? content : await content())
    const result = await run(['import', path, '--preset', name, ...args])
    assert.equal(result.code, 0, result.stdout + result.stderr)
    assert.deepEqual(
      result.lines().map(({ outcome }) => outcome),
      ['created'],
    )
    const session = await signIn(`${name}@example.com`)
    assert.equal(session.status, 200, session.text)
    assert.equal((await run(['import', path, '--preset', name, ...args])).lines()[0]?.outcome, 'skipped')
  })

test('--preset cognito: accounts without passwords, confirmed as they were', async () => {
  const path = await save(
    'cognito.json',
    JSON.stringify({
      Users: [
        {
          Username: 'ada',
          Enabled: false,
          UserCreateDate: '2020-02-03T04:05:06Z',
          Attributes: [
            { Name: 'sub', Value: '6d1f6f0e-9d0c-4f5e-8f2b-00000000000b' },
            { Name: 'email', Value: 'cognito@example.com' },
            { Name: 'email_verified', Value: 'true' },
          ],
        },
      ],
    }),
  )
  assert.equal((await run(['import', path, '--preset', 'cognito'])).code, 0)
  const [row] = await server.sql(
    `select id, email_confirmed_at is not null as confirmed, banned_until > now() as banned from auth.users where email = 'cognito@example.com'`,
  )
  assert.deepEqual(row, { id: '6d1f6f0e-9d0c-4f5e-8f2b-00000000000b', confirmed: true, banned: true })
})

test('what an export writes is imported into another database unchanged, hashes and identities too', async () => {
  await save('linked.ndjson', [
    {
      email: 'linked@example.com',
      identities: [{ provider: 'github', provider_id: '42', identity_data: { sub: '42', user_name: 'ada' } }],
    },
  ])
  await run(['import', join(folder, 'linked.ndjson')])
  const exported = await run(['export', '--with-hashes'])
  assert.equal(exported.code, 0, exported.stderr)
  assert.ok(exported.stdout.trim().split('\n').length >= 8)
  const other = await testDatabase()
  try {
    const result = await run(['import', await save('export.ndjson', exported.stdout)], other)
    assert.equal(result.code, 0, result.stdout)
    assert.equal((await run(['export', '--with-hashes'], other)).stdout, exported.stdout)
    assert.equal((await run(['export'], other)).stdout.includes('password_hash'), false)
  } finally {
    await other.drop()
  }
})

test('an account that a trigger of the application refuses is reported, and those beside it are imported', async () => {
  await server.database.db.script(`
    create function auth.refuse_import() returns trigger language plpgsql as $$ begin raise exception 'no seat for you'; end $$;
    create trigger refuse_import before insert on auth.users for each row when (new.email = 'refused@example.com') execute function auth.refuse_import();`)
  const file = await save('refused.ndjson', [
    { email: 'beside@example.com' },
    { email: 'refused@example.com' },
    { email: 'behind@example.com' },
  ])
  const result = await run(['import', file])
  assert.deepEqual(
    result.lines().map(({ outcome, message }) => [outcome, message]),
    [
      ['created', undefined],
      ['failed', 'no seat for you'],
      ['created', undefined],
    ],
  )
  assert.equal(
    (await server.sql(`select id from auth.identities where email in ('beside@example.com', 'behind@example.com')`))
      .length,
    2,
  )
})
