// Tokens against jose in both directions, and every way in which a token is refused.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { CompactSign, importJWK, jwtVerify, SignJWT } from 'jose'
import { JwtError, signAtOnce, verifyJwt } from '../../src/crypto/jwt.ts'
import { type KeyRing, loadKeys, publicJwks } from '../../src/crypto/keys.ts'

const secret = 'a secret of at least thirty-two characters'
const now = 1_800_000_000
const claims = { sub: 'someone', role: 'authenticated', aud: 'authenticated', exp: now + 60, iat: now, name: 'Zoë 🦊' }

const pairs: Record<string, () => KeyObject> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  RS512: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  EdDSA: () => generateKeyPairSync('ed25519').privateKey,
}

const jwkOf = (alg: string, kid: string, ops = ['sign', 'verify']) => {
  const make = pairs[alg]
  assert.ok(make)
  return { ...make().export({ format: 'jwk' }), alg, kid, key_ops: ops }
}

const ringOf = (
  keys: object[] = [],
  more: { key_id?: string; valid_methods?: string[]; secret?: string } = {},
): KeyRing =>
  loadKeys({ secret, key_id: '', valid_methods: [], keys_json: keys.length > 0 ? JSON.stringify(keys) : '', ...more })

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token of the shared secret whose header and claims are whatever a case needs. */
const shared = (payload: unknown, header: object = {}): Promise<string> =>
  new CompactSign(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(Buffer.from(secret), { crit: { x: true } })

function refusal(token: string, ring: KeyRing, at = now): string {
  try {
    verifyJwt(token, ring, at)
  } catch (error) {
    assert.ok(error instanceof JwtError, String(error))
    return error.reason
  }
  return 'accepted'
}

for (const alg of Object.keys(pairs)) {
  test(`${alg} tokens go to jose and come back`, async () => {
    const jwk = jwkOf(alg, `${alg} key`)
    const ring = ringOf([jwk])
    const token = signAtOnce(claims, ring.signing)
    const [published] = publicJwks(ring).keys
    assert.ok(published)
    const { payload, protectedHeader } = await jwtVerify(token, await importJWK({ ...published }), {
      currentDate: new Date(now * 1000),
    })
    assert.deepEqual(payload, claims)
    assert.deepEqual(protectedHeader, { alg, kid: `${alg} key`, typ: 'JWT' })
    const theirs = await new SignJWT(claims)
      .setProtectedHeader({ alg, kid: `${alg} key` })
      .sign(await importJWK({ ...jwk, key_ops: ['sign'] }, alg))
    assert.deepEqual(verifyJwt(theirs, ring, now), claims)
  })

  test(`${alg} tokens of another key, or with other claims, are refused`, () => {
    const ring = ringOf([jwkOf(alg, 'k')])
    const stranger = ringOf([jwkOf(alg, 'k')])
    assert.match(refusal(signAtOnce(claims, stranger.signing), ring), /^token signature is invalid: .+ error$/)
    const [head, , signature] = signAtOnce(claims, ring.signing).split('.')
    assert.match(
      refusal(`${head}.${encode({ ...claims, role: 'service_role' })}.${signature}`, ring),
      /^token signature is invalid: .+ error$/,
    )
  })
}

test('HS256 tokens go to jose and come back, with the name of the secret if it has one', async () => {
  for (const key_id of ['', 'named']) {
    const ring = ringOf([], { key_id })
    const { payload, protectedHeader } = await jwtVerify(signAtOnce(claims, ring.signing), Buffer.from(secret), {
      currentDate: new Date(now * 1000),
    })
    assert.deepEqual(payload, claims)
    assert.deepEqual(protectedHeader, { alg: 'HS256', ...(key_id && { kid: key_id }), typ: 'JWT' })
  }
  assert.deepEqual(verifyJwt(await shared(claims), ringOf(), now), claims)
})

test('a shared key of the set signs under its name, and the secret goes on checking', async () => {
  const k = Buffer.from('another secret of at least 32 characters')
  const ring = ringOf([{ kty: 'oct', kid: 'oct', k: k.toString('base64url'), alg: 'HS256', key_ops: ['sign'] }])
  const { protectedHeader } = await jwtVerify(signAtOnce({}, ring.signing), k)
  assert.equal(protectedHeader.kid, 'oct')
  assert.deepEqual(verifyJwt(signAtOnce(claims, ring.signing), ring, now), claims)
  assert.deepEqual(verifyJwt(await shared(claims), ring, now), claims)
  assert.equal(refusal(await shared(claims, { kid: 'oct' }), ring), 'token signature is invalid: signature is invalid')
})

test('reasons are the words of the reference', async () => {
  const ec = ringOf([jwkOf('ES256', 'ec')], { valid_methods: ['ES256', 'HS256'] })
  const token = signAtOnce(claims, ec.signing)
  const [head, body, signature] = token.split('.')
  const cases: [string, string][] = [
    ['', 'token is malformed: token contains an invalid number of segments'],
    [`${head}.${body}`, 'token is malformed: token contains an invalid number of segments'],
    [`${token}.x`, 'token is malformed: token contains an invalid number of segments'],
    ['..', 'token is malformed: could not JSON decode header: invalid JSON'],
    [`e%30.${body}.x`, 'token is malformed: could not base64 decode header: illegal base64 data at input byte 1'],
    [`%.${body}.x`, 'token is malformed: could not base64 decode header: illegal base64 data at input byte 0'],
    [
      `${head}.${body}=.x`,
      `token is malformed: could not base64 decode claim: illegal base64 data at input byte ${body?.length}`,
    ],
    [
      `${head}.${body}.abcde`,
      'token is malformed: could not base64 decode signature: illegal base64 data at input byte 4',
    ],
    [`${head}.${encode('[1]')}.x`, 'token is malformed: could not JSON decode claim: not an object'],
    [`${encode('null')}.${body}.x`, 'token is malformed: could not JSON decode header: not an object'],
    [`${encode({ typ: 'JWT' })}.${body}.x`, 'token is unverifiable: signing method (alg) is unspecified'],
    [`${encode({ alg: 'toString' })}.${body}.x`, 'token is unverifiable: signing method (alg) is unavailable'],
    [`${encode({ alg: 'none', kid: 'ec' })}.${body}.`, 'token signature is invalid: signing method none is invalid'],
    [
      `${encode({ alg: 'RS256', kid: 'ec' })}.${body}.${signature}`,
      'token signature is invalid: signing method RS256 is invalid',
    ],
    [
      `${encode({ alg: 'ES256' })}.${body}.${signature}`,
      'token is unverifiable: error while executing keyfunc: unrecognized JWT kid <nil> for algorithm ES256',
    ],
    [
      `${encode({ alg: 'ES256', kid: 'who' })}.${body}.${signature}`,
      'token is unverifiable: error while executing keyfunc: unrecognized JWT kid who for algorithm ES256',
    ],
    [`${head}.${body}.`, 'token signature is invalid: crypto/ecdsa: verification error'],
    [await shared(claims, { kid: 'ec' }), 'token signature is invalid: key is of invalid type'],
    [`${(await shared(claims)).slice(0, -4)}AAAA`, 'token signature is invalid: signature is invalid'],
    [`${head}.${body}.${'x'.repeat(100_000)}`, 'token is malformed: token is too long'],
    [await shared({ ...claims, exp: now - 1 }), 'token has invalid claims: token is expired'],
    [await shared({ ...claims, exp: now }), 'token has invalid claims: token is expired'],
    [await shared({ ...claims, nbf: now + 100 }), 'token has invalid claims: token is not valid yet'],
    [
      await shared({ ...claims, role: 5 }),
      'token is malformed: could not JSON decode claim: role is not of type string',
    ],
    [
      await shared({ ...claims, aud: ['a', 1] }),
      'token is malformed: could not JSON decode claim: aud is not of type string',
    ],
    [await shared(claims, { kid: 'unknown' }), 'accepted'],
    [token, 'accepted'],
  ]
  for (const [given, reason] of cases) assert.equal(refusal(given, ec), reason, given.slice(0, 200))
})

test('the public key of a signer is no secret of HS256 (algorithm confusion)', async () => {
  const jwk = jwkOf('RS256', 'rsa')
  const ring = ringOf([jwk], { valid_methods: ['RS256', 'HS256'] })
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
  for (const material of [Buffer.from(pem), Buffer.from(JSON.stringify(publicJwks(ring).keys[0]))]) {
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'rsa' }).sign(material)
    assert.equal(refusal(forged, ring), 'token signature is invalid: key is of invalid type')
  }
})

test('a key checks only its own algorithm, even among those allowed', async () => {
  const jwk = jwkOf('RS256', 'rsa')
  const ring = ringOf([jwk], { valid_methods: ['RS256', 'RS512'] })
  const other = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS512', kid: 'rsa' })
    .sign(await importJWK({ ...jwk, alg: 'RS512', key_ops: ['sign'] }))
  assert.equal(refusal(other, ring), 'token signature is invalid: key is of invalid type')
})

test('an empty secret checks nothing', () => {
  const ring = ringOf([jwkOf('ES256', 'ec')], { secret: '', valid_methods: ['ES256', 'HS256'] })
  assert.equal(ring.secret, null)
  const text = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  assert.match(refusal(`${text}.${encode('')}`, ring), /unrecognized JWT kid <nil> for algorithm HS256$/)
})

test('names of keys are looked up among the keys only, and must be text (JWT-04)', async () => {
  const ec = ringOf([jwkOf('ES256', 'ec')], { valid_methods: ['ES256'] })
  for (const kid of ['__proto__', 'constructor', '../../x', "' or 1=1 --", 'x'.repeat(60_000)]) {
    const reason = refusal(`${encode({ alg: 'ES256', kid })}.${encode(claims)}.AAAA`, ec)
    assert.match(reason, /unrecognized JWT kid/)
    assert.ok(reason.length < 300)
  }
  for (const kid of [['ec'], { ec: 1 }, 1, null])
    assert.match(refusal(await shared(claims, { kid: kid as unknown as string }), ringOf()), /kid is not text$/)
})

test('critical extensions and tokens of other types are refused (JWT-05)', async () => {
  assert.match(refusal(await shared(claims, { crit: ['x'], x: 1 }), ringOf()), /crit/)
  for (const typ of ['dpop+jwt', 'secevent+jwt', 'JWE', ''])
    assert.match(refusal(await shared(claims, { typ }), ringOf()), /typ/, typ)
  for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])
    assert.equal(refusal(await shared(claims, { typ }), ringOf()), 'accepted', typ)
})

test('times must be numbers within range (JWT-07)', async () => {
  for (const name of ['exp', 'nbf', 'iat'])
    for (const time of ['1e300', '-1e300', '1e999', '"1900000000"', 'null', '[1900000000]', 'true', '9007199254740993'])
      assert.equal(
        refusal(await shared(`{"sub":"x","${name}":${time}}`), ringOf()),
        `token is malformed: could not JSON decode claim: ${name} is not of type number`,
        time,
      )
})

test('a token that was just issued is accepted by a clock that is behind (JWT-18)', async () => {
  const token = await shared({ ...claims, iat: now, nbf: now })
  assert.equal(refusal(token, ringOf(), now - 30), 'accepted')
  assert.equal(refusal(token, ringOf(), now - 61), 'token has invalid claims: token is not valid yet')
})

test('exp has no leeway, and a token without it is left to the caller', async () => {
  assert.equal(refusal(await shared(claims), ringOf(), now + 59.999), 'accepted')
  assert.equal(refusal(await shared(claims), ringOf(), now + 60), 'token has invalid claims: token is expired')
  assert.deepEqual(verifyJwt(await shared({ role: 'service_role' }), ringOf(), now), { role: 'service_role' })
})

test('null stands for an absent text claim', async () => {
  const token = await shared({ ...claims, session_id: null, sub: null, aud: null })
  const { sub: _sub, aud: _aud, ...rest } = claims
  assert.deepEqual(verifyJwt(token, ringOf(), now), rest)
})

test('a second spelling of the same signature is refused', async () => {
  const token = await shared(claims)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) ?? '')
  const twin = token.slice(0, -1) + alphabet[last + 1]
  assert.deepEqual(
    Buffer.from(twin.split('.')[2] ?? '', 'base64url'),
    Buffer.from(token.split('.')[2] ?? '', 'base64url'),
  )
  assert.match(refusal(twin, ringOf()), /could not base64 decode signature/)
})

test('a token that was checked is checked again in its times, and by other keys', async () => {
  const ring = ringOf()
  const token = await shared({ ...claims, amr: [{ method: 'password' }] })
  const first = verifyJwt(token, ring, now)
  assert.equal(verifyJwt(token, ring, now + 59), first, 'its signature is not checked again')
  assert.equal(refusal(token, ring, now + 60), 'token has invalid claims: token is expired')
  assert.deepEqual(verifyJwt(token, ring, now), first)
  assert.throws(() => Object.assign(first, { role: 'service_role' }), TypeError)
  assert.throws(() => Object.assign((first.amr as object[])[0] ?? {}, { method: 'x' }), TypeError)
  const others = ringOf([], { secret: 'another secret of at least thirty-two characters' })
  assert.equal(refusal(token, others, now), 'token signature is invalid: signature is invalid')
  assert.equal(refusal(`${token.slice(0, -2)}AA`, ring, now), 'token signature is invalid: signature is invalid')
})

test('a thousand tokens are remembered at most', async () => {
  const ring = ringOf()
  const token = await shared(claims)
  const first = verifyJwt(token, ring, now)
  for (let n = 0; n < 1000; n++) verifyJwt(signAtOnce({ ...claims, n }, ring.signing), ring, now)
  assert.notEqual(verifyJwt(token, ring, now), first)
})
