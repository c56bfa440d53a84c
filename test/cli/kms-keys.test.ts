// Keys in AWS KMS for those who run a server: doctor says why one does not sign, and postern keys takes one into a set.
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { runChecks } from '../../src/flows/doctor/run-checks.ts'
import { arnOf, type FakeKey, type FakeKms, KmsFault, kmsJwk, startFakeKms } from '../support/kms.ts'
import { runShell } from '../support/shell.ts'

let kms: FakeKms
before(async () => {
  kms = await startFakeKms()
  Object.assign(process.env, kms.env)
})
after(() => kms.stop())

const elliptic: FakeKey = { private_key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }
const rsa: FakeKey = { private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }

/** What doctor says of a server whose tokens are signed by a JWK. */
async function problemsOf(jwk: object): Promise<string[]> {
  const { config } = loadConfig({
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    API_EXTERNAL_URL: 'http://auth.example.test',
    GOTRUE_SITE_URL: 'http://site.example',
    GOTRUE_JWT_SECRET: 'test-secret-with-at-least-32-characters',
    GOTRUE_JWT_KEYS: JSON.stringify([jwk]),
  })
  const findings = await runChecks({ config, db: null, now: Date.now })
  const found = findings.find(({ check }) => check === 'keys in AWS KMS')
  assert.ok(found, JSON.stringify(findings))
  return found.problems
}

test('doctor lets a key in KMS sign, and is content', async () => {
  kms.keys.set(arnOf('good'), elliptic)
  assert.deepEqual(await problemsOf(kmsJwk(arnOf('good'), 'ES256', 'good', elliptic)), [])
  assert.equal(kms.calls.at(-1)?.operation, 'Sign')
})

test('doctor says why a key does not sign, and what to do', async () => {
  const other: FakeKey = { private_key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }
  const cases: [FakeKey | null, RegExp][] = [
    [null, /there is no such key in the account and region of its ARN/],
    [{ ...elliptic, is_disabled: true }, /it is disabled: enable it/],
    [
      { ...elliptic, usage: 'KEY_AGREEMENT' },
      /it is no key for ES256: its usage is KEY_AGREEMENT, and must be SIGN_VERIFY$/,
    ],
    [rsa, /it is no key for ES256: its spec is RSA_2048$/],
    [other, /it is another key than the one whose public members are given/],
  ]
  for (const [held, expected] of cases) {
    if (held) kms.keys.set(arnOf('bad'), held)
    else kms.keys.delete(arnOf('bad'))
    const problems = await problemsOf(kmsJwk(arnOf('bad'), 'ES256', 'bad', elliptic))
    assert.equal(problems.length, 1)
    assert.match(
      problems[0] ?? '',
      /^GOTRUE_JWT_KEYS: AWS KMS does not sign with arn:aws:kms:us-east-2:111122223333:key\/bad: /,
    )
    assert.match(problems[0] ?? '', expected)
  }
})

test('doctor tells rights that are missing, wrong credentials, and a KMS that nobody reaches', async () => {
  kms.keys.set(arnOf('asked'), elliptic)
  const jwk = kmsJwk(arnOf('asked'), 'ES256', 'asked', elliptic)
  kms.before = async () => {
    throw new KmsFault('AccessDeniedException')
  }
  assert.match((await problemsOf(jwk)).join(), /lack the right kms:Sign/)
  kms.before = async () => {}
  process.env.AWS_SECRET_ACCESS_KEY = 'another'
  assert.match((await problemsOf(jwk)).join(), /the credentials are wrong/)
  const gone = await startFakeKms()
  await gone.stop()
  Object.assign(process.env, gone.env)
  assert.match((await problemsOf(jwk)).join(), /nothing listens there/)
  Object.assign(process.env, kms.env)
})

test('postern keys takes a key of KMS into a set, uses it in its turn, and gives it back', async () => {
  kms.keys.set(arnOf('rsa'), rsa)
  const run = async (line: string, keys = '') => {
    const { code, stdout, stderr } = await runShell(`keys ${line}`, { ...kms.env, GOTRUE_JWT_KEYS: keys })
    assert.equal(code, 0, stderr)
    return stdout.trim()
  }
  const local = await run('generate --json')
  const added = await run(`rotate --json --alg RS256 --kms ${arnOf('rsa')}`, local)
  const [held, before] = JSON.parse(added)
  const { n, e } = createPublicKey(rsa.private_key).export({ format: 'jwk' })
  assert.deepEqual([held.n, held.e, held.alg, held.key_ops, held.d], [n, e, 'RS256', ['verify'], undefined])
  assert.equal(held['aws:kms:arn'], arnOf('rsa'))
  const used = JSON.parse(await run('rotate --json --force', added))
  assert.deepEqual([used[0].kid, used[0].key_ops], [held.kid, ['sign', 'verify']])
  assert.deepEqual(await problemsOf(used[0]), [])
  const back = JSON.parse(await run('rotate --json --step back', JSON.stringify(used)))
  assert.deepEqual([back[0].kid, back[0].key_ops, back[1].kid], [before.kid, ['sign', 'verify'], held.kid])
  // And a second time round: its ARN is its private part.
  const again = JSON.parse(await run('rotate --json --step back', JSON.stringify(back)))
  assert.deepEqual([again[0].kid, again[0].key_ops], [held.kid, ['sign', 'verify']])
})

test('postern keys refuses a key of KMS that cannot sign tokens', async () => {
  kms.keys.set(arnOf('rsa'), rsa)
  kms.keys.set(arnOf('secret'), { ...elliptic, usage: 'KEY_AGREEMENT' })
  for (const [line, expected] of [
    [`--kms ${arnOf('rsa')}`, /a key of spec RSA_2048 does not sign ES256: add --alg RS256/],
    [`--kms ${arnOf('secret')}`, /the usage of the key is KEY_AGREEMENT, and must be SIGN_VERIFY/],
    [`--kms ${arnOf('none')}`, /there is no such key/],
    ['--kms alias/mine', /its aws:kms:arn is not the ARN of a key in AWS KMS/],
    [`--alg EdDSA --kms ${arnOf('rsa')}`, /AWS KMS signs with RS256, RS512, ES256, ES512 only/],
  ] as const) {
    const { code, stderr } = await runShell(`keys generate ${line}`, kms.env)
    assert.equal(code, 1, stderr)
    assert.match(stderr, expected)
  }
})
