// Cases of the security rules about ID tokens: for whom they are, how often they count, whose keys prove them.
import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import { address, claims, google, op, startProviderServer } from '../support/provider-server.ts'
import { type Answer, startTestServer } from '../support/server.ts'

const { mock, present, usersOf } = await startProviderServer()

const oauthError = ({ status, body }: Answer) => `${status} ${body.error}`

test('IDP-02 ID tokens for others, without a subject, expired, or signed by nobody are refused, and nothing is written', async () => {
  const email = address('idp02')
  const now = Math.floor(Date.now() / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const body = part({ ...claims(email), iat: now, exp: now + 3600 })
  const by = (alg: string) => `${part({ alg, kid: 'mock' })}.${body}`
  const bad = [
    await mock.sign(claims(email, { aud: 'another-client' })),
    await mock.sign(claims(email, { sub: undefined })),
    await mock.sign(claims(email, { exp: now - 1 })),
    await mock.sign(claims(email, { iss: op })),
    `${by('HS256')}.${createHmac('sha256', 'google secret/1').update(by('HS256')).digest('base64url')}`,
    `${by('none')}.`,
  ]
  for (const [i, id_token] of bad.entries())
    assert.equal(oauthError(await present(id_token)), '400 invalid request', `${i}`)
  assert.deepEqual(await usersOf(email), [])
  assert.equal((await present(await mock.sign(claims(email)))).status, 200)
})

test('IDP-03 for whom a token of a listed issuer may be is said by the configuration, not by the request', async () => {
  const email = address('idp03')
  const id_token = await mock.sign(claims(email, { iss: op, aud: 'anything' }))
  const asked = (client_id: string) => ({ provider: '', issuer: op, client_id })
  assert.equal((await present(id_token, asked('anything'))).status, 400)
  assert.equal((await present(id_token, asked('op-client'))).status, 400)
  assert.deepEqual(await usersOf(email), [])
  const own = await mock.sign(claims(email, { iss: op, aud: 'op-client' }))
  assert.equal((await present(own, asked('op-client'))).status, 200)
})

test('IDP-04 a nonce must be on both sides, and the same', async () => {
  const email = address('idp04')
  const nonce = 'n-0S6_WzA2Mj'
  const hashed = createHash('sha256').update(nonce).digest('hex')
  const bound = await mock.sign(claims(email, { nonce: hashed }))
  assert.equal(oauthError(await present(bound)), '400 invalid request')
  assert.equal(oauthError(await present(await mock.sign(claims(email)), { nonce })), '400 invalid request')
  assert.equal(oauthError(await present(bound, { nonce: 'another' })), '400 invalid nonce')
  assert.deepEqual(await usersOf(email), [])
  assert.equal((await present(bound, { nonce })).status, 200)
})

test('IDP-05 an ID token that was used is refused, with another signature of the same text too', async () => {
  const id_token = await mock.sign(claims(address('idp05')))
  assert.equal((await present(id_token)).status, 200)
  assert.equal(oauthError(await present(id_token)), '400 invalid request')
})

test('IDP-13 keys that prove nothing are refused, and an unknown key asks for newer ones once an interval', async () => {
  const issuer = 'https://weak.example'
  const weak = await startTestServer({
    fetch: mock.fetch,
    env: { GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS: `${issuer}|weak-client` },
  })
  try {
    mock.publish(issuer, { id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'] })
    const shared = randomBytes(32)
    const strong = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey)
    mock.on(`${issuer}/keys`, {
      body: {
        keys: [
          { kty: 'oct', k: shared.toString('base64url'), kid: 'oct', alg: 'HS256' },
          { ...strong, kid: 'other', alg: 'RS256' },
          { kty: 'RSA', n: randomBytes(64).toString('base64url'), e: 'AQAB', kid: 'small', alg: 'RS256' },
        ],
      },
    })
    const email = address('idp13')
    const now = Math.floor(Date.now() / 1000)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const body = part({ ...claims(email, { iss: issuer, aud: 'weak-client' }), iat: now, exp: now + 60 })
    const mac = (text: string) => `${text}.${createHmac('sha256', shared).update(text).digest('base64url')}`
    const asked = { provider: '', issuer, client_id: 'weak-client' }
    for (const id_token of [
      mac(`${part({ alg: 'HS256', kid: 'oct' })}.${body}`),
      `${part({ alg: 'none', kid: 'oct' })}.${body}.`,
      `${part({ alg: 'RS256', kid: 'small' })}.${body}.${randomBytes(64).toString('base64url')}`,
    ])
      assert.equal((await present(id_token, asked, weak)).status, 400)
    const before = mock.callsOf(`${issuer}/keys`).length
    const began = performance.now()
    for (let i = 0; i < 100; i++)
      await present(
        `${part({ alg: 'RS256', kid: `k${i}` })}.${body}.${randomBytes(256).toString('base64url')}`,
        asked,
        weak,
      )
    const intervals = Math.floor((performance.now() - began) / 30_000)
    assert.ok(mock.callsOf(`${issuer}/keys`).length - before <= 1 + intervals)
    assert.deepEqual(await usersOf(email, weak), [])
  } finally {
    await weak.close()
  }
})

test('IDP-13 an issuer whose document names another, or is fifty megabytes, signs nobody in', async () => {
  const lying = 'https://lying.example'
  const huge = 'https://huge.example'
  const far = await startTestServer({
    fetch: mock.fetch,
    env: { GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS: `${lying}|c,${huge}|c` },
  })
  try {
    mock.publish(lying, { issuer: google })
    mock.on(`${huge}/.well-known/openid-configuration`, { body: `{"a":"${'x'.repeat(50_000_000)}"}` })
    for (const issuer of [lying, huge]) {
      const id_token = await mock.sign(claims(address('idp13'), { iss: issuer, aud: 'c' }))
      const before = process.memoryUsage().rss
      const answer = await present(id_token, { provider: '', issuer, client_id: 'c' }, far)
      assert.equal(answer.status >= 400, true, answer.text)
      assert.doesNotMatch(answer.text, /access_token/)
      assert.ok(process.memoryUsage().rss - before < 200_000_000)
    }
    assert.deepEqual(await far.sql('select id from auth.users'), [])
  } finally {
    await far.close()
  }
})
