// How GOTRUE_JWT_KEYS is read, and what is published of it.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { JwtError, signAtOnce, verifyJwt } from '../../src/crypto/jwt.ts'
import { loadKeys, publicJwks } from '../../src/crypto/keys.ts'

const secret = 'a secret of at least thirty-two characters'
const load = (keys: unknown, more: { secret?: string; key_id?: string; valid_methods?: string[] } = {}) =>
  loadKeys({
    secret,
    key_id: '',
    valid_methods: [],
    keys_json: typeof keys === 'string' ? keys : JSON.stringify(keys),
    ...more,
  })

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const ed = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
const oct = { kty: 'oct', k: Buffer.from(secret).toString('base64url') }

const signs = { key_ops: ['sign', 'verify'] }
const checks = { key_ops: ['verify'] }

test('exactly one key signs', () => {
  const es256 = { ...ec, alg: 'ES256' }
  // As in composed files: GOTRUE_JWT_KEYS=${JWT_KEYS:-[]}.
  for (const none of ['', ' ', '[]', ' [ ]\n', 'null']) {
    assert.equal(load(none).signing.alg, 'HS256', none)
    assert.throws(() => load(none, { secret: '' }), { message: 'no signing key detected' })
  }
  assert.throws(() => load([{ ...es256, kid: 'a', ...checks }]), { message: 'no signing key detected' })
  assert.throws(() => load([{ ...es256, kid: 'a', key_ops: 'sign' }]), { message: 'no signing key detected' })
  assert.throws(
    () =>
      load([
        { ...es256, kid: 'a', ...signs },
        { ...oct, kid: 'b', ...signs },
      ]),
    {
      message: 'multiple signing keys detected, only 1 signing key is supported',
    },
  )
})

test('values that are no keys stop the start without showing them', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' })
  const cases: [unknown, RegExp][] = [
    ['[{"k":"very secret', /^the value is not JSON$/],
    [{ keys: [ec] }, /^the value is not a list of JWKs$/],
    [[null], /^the value is not a list of JWKs$/],
    [[{ ...ec, alg: 'RS256', kid: 'a', ...signs }], /^the key a is not usable: it is no key for RS256$/],
    [[{ ...ec, alg: 'ES512', kid: 'a', ...signs }], /^the key a is not usable: it is no key for ES512$/],
    [[{ ...ec, kid: 'a', ...signs }], /^the key a cannot sign: its alg must be one of HS256, RS256/],
    [[{ ...ec, alg: 'ES256', d: undefined, kid: 'a', ...signs }], /^the key a is not usable: it is not a valid JWK$/],
    [[{ ...ec, alg: 'ES256', d: other.d, kid: 'a', ...signs }], /^the key a is not usable: /],
    [[{ ...ec, alg: 'ES256', x: 'AAAA', kid: 'a', ...signs }], /^the key a is not usable: it is not a valid JWK$/],
    [[{ ...weak, alg: 'RS256', ...signs }], /^a key without kid is not usable: RSA keys need at least 2048 bits$/],
    [[{ kty: 'oct', k: '', kid: 'a', ...signs }], /^the key a is not usable: k is empty$/],
    [
      [{ ...rsa, alg: 'RS256', 'aws:kms:arn': 'arn:x', kid: 'a', ...signs }],
      /^the key a is not usable: its aws:kms:arn is not the ARN of a key in AWS KMS$/,
    ],
    [
      [{ ...ed, alg: 'EdDSA', 'aws:kms:arn': 'arn:aws:kms:eu-west-1:111122223333:key/x', kid: 'a', ...signs }],
      /^the key a is not usable: AWS KMS signs with RS256, RS512, ES256, ES512 only$/,
    ],
  ]
  for (const [keys, message] of cases) assert.throws(() => load(keys), { message })
})

test('the published set has the public part of each key pair and no shared key (JWT-15)', () => {
  const ring = load([
    { ...ec, alg: 'ES256', kid: 'ec', use: 'sig', ext: true, ...signs },
    { ...rsa, alg: 'RS256', kid: 'rsa', ...checks },
    { ...ed, alg: 'EdDSA', kid: 'ed', ...checks },
    { ...oct, alg: 'HS256', kid: 'oct', ...checks },
  ])
  const common = { use: 'sig', key_ops: ['verify'] }
  assert.deepEqual(publicJwks(ring), {
    keys: [
      { kty: 'EC', crv: 'P-256', x: ec.x, y: ec.y, kid: 'ec', alg: 'ES256', ...common },
      { kty: 'RSA', n: rsa.n, e: rsa.e, kid: 'rsa', alg: 'RS256', ...common },
      { kty: 'OKP', crv: 'Ed25519', x: ed.x, kid: 'ed', alg: 'EdDSA', ...common },
    ],
  })
  assert.deepEqual(publicJwks(load('')), { keys: [] })
})

test('the algorithms allowed are those of the keys, unless they are listed', () => {
  const keys = [
    { ...ec, alg: 'ES256', kid: 'ec', ...signs },
    { ...ed, alg: 'EdDSA', kid: 'ed', ...checks },
  ]
  assert.deepEqual([...load(keys).valid_methods], ['ES256', 'EdDSA'])
  assert.deepEqual([...load(keys, { valid_methods: ['HS256', 'ES256'] }).valid_methods], ['HS256', 'ES256'])
  assert.deepEqual([...load('').valid_methods], ['HS256'])
})

test('a public key is enough for checking, and older keys go on checking', async () => {
  const { d: _d, ...publicPart } = ed
  const ring = load([
    { ...ec, alg: 'ES256', kid: 'ec', ...signs },
    { ...publicPart, alg: 'EdDSA', kid: 'ed', ...checks },
  ])
  const old = load([{ ...ed, alg: 'EdDSA', kid: 'ed', ...signs }])
  assert.deepEqual(verifyJwt(signAtOnce({ sub: 'x' }, old.signing), ring, 0), { sub: 'x' })
})

test('a key without a name signs and checks tokens without a name', async () => {
  const ring = load([{ ...ec, alg: 'ES256', ...signs }], { valid_methods: ['ES256', 'HS256'] })
  assert.deepEqual(verifyJwt(signAtOnce({ sub: 'x' }, ring.signing), ring, 0), { sub: 'x' })
  const apiKey = await new SignJWT({ role: 'anon' }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret))
  assert.deepEqual(verifyJwt(apiKey, ring, 0), { role: 'anon' })
})

test('a JWK that names no algorithm checks nothing and is not published (JWT-03)', async () => {
  const keys = [
    { ...ec, alg: 'ES256', kid: 'ec', ...signs },
    { ...ed, kid: 'plain', ...checks },
  ]
  const ring = load(keys, { valid_methods: ['ES256', 'EdDSA', 'HS256'] })
  const edSigner = load([{ ...ed, alg: 'EdDSA', kid: 'plain', ...signs }]).signing
  assert.throws(() => verifyJwt(signAtOnce({}, edSigner), ring, 0), JwtError)
  const hmac = new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: 'plain' }).sign(Buffer.from(secret))
  await assert.rejects(async () => verifyJwt(await hmac, ring, 0), JwtError)
  assert.deepEqual(
    publicJwks(ring).keys.map(({ kid }) => kid),
    ['ec'],
  )
})
