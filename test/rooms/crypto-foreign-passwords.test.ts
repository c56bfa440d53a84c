// Passwords of other systems: each form signs in once as it is, and is bcrypt from then on.
import assert from 'node:assert/strict'
import { createHash, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { parseForeignHash, prefixOf, withoutEnvelope } from '../../src/crypto/foreign-forms.ts'
import { foreignProblem, matchesForeign } from '../../src/crypto/foreign-hash.ts'
import { loadNativeEngine } from '../../src/crypto/password-engine.ts'
import { createPasswordHasher } from '../../src/crypto/password-hash.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const salt = randomBytes(16)
const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
const digestOf = (name: string) => createHash(name).update(password).update(salt).digest()
const hex = salt.toString('hex')

const forms: Record<string, string> = {
  'scrypt (PHC)': `$scrypt$ln=14,r=8,p=1$${text(salt)}$${text(scryptSync(password, salt, 32, { N: 16384, r: 8, p: 1 }))}`,
  'scrypt (better-auth)': `${hex}:${scryptSync(password.normalize('NFKC'), hex, 64, { N: 16384, r: 16, p: 1, maxmem: 1e8 }).toString('hex')}`,
  'PBKDF2-SHA256 (passlib)': `$pbkdf2-sha256$29000$${text(salt).replaceAll('+', '.')}$${text(pbkdf2Sync(password, salt, 29_000, 32, 'sha256')).replaceAll('+', '.')}`,
  'PBKDF2-SHA512': `$pbkdf2-sha512$i=210000$${text(salt)}$${text(pbkdf2Sync(password, salt, 210_000, 64, 'sha512'))}`,
  'PBKDF2-SHA1': `$pbkdf2$131000$${text(salt)}$${text(pbkdf2Sync(password, salt, 131_000, 20, 'sha1'))}`,
  'PBKDF2 (Django)': `pbkdf2_sha256$260000$seasalt$${pbkdf2Sync(password, 'seasalt', 260_000, 32, 'sha256').toString('base64')}`,
  SMD5: `{SMD5}${Buffer.concat([digestOf('md5'), salt]).toString('base64')}`,
  SSHA: `{SSHA}${Buffer.concat([digestOf('sha1'), salt]).toString('base64')}`,
  SSHA512: `{SSHA512}${Buffer.concat([digestOf('sha512'), salt]).toString('base64')}`,
}
/** Vectors of the specification of SHA-crypt, made for another password. */
const vectors: Record<string, string> = {
  'SHA-256 crypt': '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5',
  'SHA-512 crypt':
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  'SHA-512 crypt, 10,000 rounds':
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
}

async function imported(hash: string): Promise<{ id: string; email: string }> {
  const email = `foreign${++people}@example.com`
  const { user } = await server.user({ email })
  await server.sql('update auth.users set encrypted_password = null where id = $1', [user.id])
  const foreign = parseForeignHash(hash)
  assert.ok(foreign, hash)
  await server.sql('insert into postern.foreign_passwords (user_id, scheme, params) values ($1, $2, $3::jsonb)', [
    user.id,
    foreign.scheme,
    JSON.stringify(foreign),
  ])
  return { id: user.id, email }
}
const signIn = (email: string, given: string) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })
const stored = async (id: string) =>
  (
    await server.sql(
      `select encrypted_password, (select count(*)::int from postern.foreign_passwords f where f.user_id = u.id) as foreign_rows
        from auth.users u where id = $1`,
      [id],
    )
  )[0]

const cases = [
  ...Object.entries(forms).map(([name, hash]) => ({ name, hash, own: password })),
  ...Object.entries(vectors).map(([name, hash]) => ({ name, hash, own: 'Hello world!' })),
]
for (const { name, hash, own } of cases)
  test(`${name}: the wrong password is refused, the right one signs in and is bcrypt from then on`, async () => {
    const { id, email } = await imported(hash)
    const refused = await signIn(email, 'not the password')
    assert.deepEqual([refused.status, refused.body.error_code], [400, 'invalid_credentials'])
    assert.deepEqual(await stored(id), { encrypted_password: null, foreign_rows: 1 })
    assert.equal((await signIn(email, own)).status, 200)
    const after_it = await stored(id)
    assert.match(String(after_it?.encrypted_password), /^\$2a\$04\$/)
    assert.equal(after_it?.foreign_rows, 0)
    assert.equal((await signIn(email, own)).status, 200)
  })

test('a password that is set otherwise ends the imported one, another change does not', async () => {
  const { id, email } = await imported(forms.SSHA ?? '')
  await server.request('PUT', `/admin/users/${id}`, { as: 'service_role', body: { user_metadata: { a: 1 } } })
  assert.equal((await stored(id))?.foreign_rows, 1)
  await server.request('PUT', `/admin/users/${id}`, {
    as: 'service_role',
    body: { password: 'set by an administrator' },
  })
  assert.equal((await stored(id))?.foreign_rows, 0)
  assert.equal((await signIn(email, password)).status, 400)
})

test('an account that is deleted leaves no imported password', async () => {
  const { id } = await imported(forms.SSHA ?? '')
  await server.request('DELETE', `/admin/users/${id}`, { as: 'service_role' })
  assert.deepEqual(await server.sql('select user_id from postern.foreign_passwords where user_id = $1', [id]), [])
})

test('hashes that cost minutes, or are hardly any, are refused', () => {
  const short = Buffer.from('short').toString('base64')
  for (const hash of [
    `$scrypt$ln=24,r=8,p=16$${text(salt)}$${text(salt)}`,
    `$scrypt$ln=0,r=8,p=1$${text(salt)}$${text(salt)}`,
    `$pbkdf2-sha256$90000000$${text(salt)}$${text(salt)}`,
    `$pbkdf2-sha256$1000$${text(salt)}$${short}`,
    '$6$rounds=999999$salt$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ]) {
    const foreign = parseForeignHash(hash)
    assert.ok(foreign, hash)
    assert.notEqual(foreignProblem(foreign), null, hash)
  }
  for (const none of ['', 'plain text', '$1$md5$x', '{SHA}AAAA', 'abcdef0123456789', '{SSHA}AAAA', '$6$salt$short'])
    assert.equal(parseForeignHash(none), null, none)
})

const real: { password: string; hashes: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../fixtures/import/hashes.json', import.meta.url), 'utf8'),
)
const native = (await loadNativeEngine()).engine ?? assert.fail('the native code is not installed')
for (const [name, hash] of Object.entries(real.hashes))
  test(`${name}: a hash of the real library matches its password and no other`, async () => {
    const foreign = parseForeignHash(hash)
    const check = (password: string) =>
      foreign
        ? matchesForeign(password, foreign, native)
        : createPasswordHasher().verify(password, withoutEnvelope(hash))
    if (foreign) assert.equal(foreignProblem(foreign), null)
    assert.equal(await check(real.password), true, hash)
    assert.equal(await check(`${real.password}!`), false)
    assert.equal(await check(''), false)
  })

test('what a hash costs is told in whole numbers: nothing else can be computed at a sign-in', () => {
  const parts = { salt: 'c2FsdHNhbHQ=', hash: Buffer.alloc(32).toString('base64') }
  for (const odd of [1.5, 8.0000001, Number.NaN, Number.POSITIVE_INFINITY]) {
    const pbkdf2 = { scheme: 'pbkdf2', digest: 'sha256', iterations: odd, ...parts } as const
    assert.match(foreignProblem(pbkdf2) ?? '', /iterations/, `iterations ${odd}`)
    for (const name of ['n', 'r', 'p']) {
      const form = { scheme: 'scrypt', n: 4, r: 8, p: 1, ...parts, [name]: odd } as const
      assert.match(foreignProblem(form) ?? '', /not valid/, `${name} ${odd}`)
    }
  }
})

test('each new form has a limit of cost too', () => {
  const refused = (hash: string) => foreignProblem(parseForeignHash(hash) ?? assert.fail(hash))
  assert.match(refused(`$P$J${'a'.repeat(8)}${'a'.repeat(22)}`) ?? '', /rounds/)
  assert.match(refused(`bcrypt_sha256$$2b$31$${'a'.repeat(53)}`) ?? '', /cost/)
  assert.match(refused(`$wp$2y$31$${'a'.repeat(53)}`) ?? '', /cost/)
  assert.match(refused(`scrypt:16777216:8:16$salt$${'ab'.repeat(64)}`) ?? '', /exceed/)
  assert.match(refused(`scrypt$16385$salt$8$1$${'A'.repeat(86)}==`) ?? '', /not valid/)
  assert.match(refused(`pbkdf2:sha256:90000000$salt$${'ab'.repeat(32)}`) ?? '', /iterations/)
  const aspnet = Buffer.alloc(61)
  aspnet[0] = 1
  aspnet.writeUInt32BE(90_000_000, 5)
  aspnet.writeUInt32BE(16, 9)
  assert.match(refused(aspnet.toString('base64')) ?? '', /iterations/)
})

test('a form that nobody knows is named by its prefix, and nothing behind it is shown', () => {
  assert.equal(prefixOf('$y$j9T$secretsecret'), 'begins with $y$')
  assert.equal(prefixOf('{X-SECRET}abcdef'), 'begins with {X-SECRET}')
  assert.equal(prefixOf('whirlpool$abcdef'), 'begins with whirlpool$')
  assert.equal(prefixOf('correct horse'), 'has no known prefix (13 characters)')
})
