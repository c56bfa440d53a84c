// Tokens that are bound to a key (RFC 9449): worth nothing to whoever has the token alone, another key, or an old proof.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import {
  type Application,
  applicationServer,
  getCode,
  redirect_uri,
  registerApplication,
} from '../support/applications.ts'
import { newProofKey, type ProofKey } from '../support/dpop.ts'
import { type Answer, claimsOf, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const issuer = applicationServer.GOTRUE_JWT_ISSUER
const token_address = `${issuer}/oauth/token`
const info_address = `${issuer}/oauth/userinfo`

let server: TestServer
let key: ProofKey
let other: ProofKey
let application: Application
let person: SignedIn
before(async () => {
  server = await startTestServer({ env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'dpop,par' } })
  key = await newProofKey()
  other = await newProofKey()
  application = await registerApplication(server, { dpop_bound_access_tokens: true })
  person = await server.user()
})
after(() => server.close())

const now_s = () => Math.floor(Date.now() / 1000)

const askWith = (proof: string | null, form: Record<string, string>): Promise<Answer> =>
  server.request('POST', '/oauth/token', { form, headers: proof === null ? {} : { dpop: proof } })

async function tokensOf(proof: string | null, by = application): Promise<Answer> {
  const given = await getCode(server, by, person)
  return askWith(proof, { grant_type: 'authorization_code', client_id: by.client_id, ...given })
}

async function bound() {
  const { body, status, text } = await tokensOf(await key.prove('POST', token_address))
  assert.equal(status, 200, text)
  return { token: String(body.access_token), refresh_token: String(body.refresh_token), body }
}

const show = (token: string, proof: string | null, scheme = 'DPoP', path = '/oauth/userinfo'): Promise<Answer> =>
  server.request('GET', path, {
    headers: { authorization: `${scheme} ${token}`, ...(proof !== null && { dpop: proof }) },
  })

const refresh = async (refresh_token: string, proof: string | null) =>
  askWith(proof, { grant_type: 'refresh_token', client_id: application.client_id, refresh_token })

test('a proof binds the access token to its key, which says so', async () => {
  const { token, body } = await bound()
  assert.equal(body.token_type, 'DPoP')
  assert.deepEqual(claimsOf(token).cnf, { jkt: key.jkt })
  const answer = await show(token, await key.prove('GET', info_address, { access_token: token }))
  assert.deepEqual([answer.status, answer.body.sub], [200, person.user.id])
})

test('RFC 9449 §4.3: each claim and member of a proof is looked at', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const prove = (options: { claims?: object; header?: object }) => key.prove('POST', token_address, options)
  const sessions = () => server.sql('select from auth.sessions where oauth_client_id = $1', [application.client_id])
  const before = (await sessions()).length
  const proofs: [string, string][] = [
    ['another method', await key.prove('GET', token_address)],
    ['another address', await key.prove('POST', `${issuer}/oauth/par`)],
    ['another host', await key.prove('POST', 'https://evil.example/oauth/token')],
    ['no address', await prove({ claims: { htu: undefined } })],
    ['no method', await prove({ claims: { htm: undefined } })],
    ['no id', await prove({ claims: { jti: undefined } })],
    ['a long id', await prove({ claims: { jti: 'x'.repeat(300) } })],
    ['no time', await prove({ claims: { iat: undefined } })],
    ['an old one', await prove({ claims: { iat: now_s() - 900 } })],
    ['one of tomorrow', await prove({ claims: { iat: now_s() + 86_400 } })],
    ['another type', await prove({ header: { typ: 'JWT' } })],
    ['no key', await prove({ header: { jwk: undefined } })],
    ['another key than the one that signed', await prove({ header: { jwk: other.jwk } })],
    ['a private key', await prove({ header: { jwk: await exportJWK(privateKey) } })],
    ['a key of a stranger', await prove({ header: { jwk: await exportJWK(publicKey) } })],
    ['a key that is dear to check', await prove({ header: { jwk: { kty: 'RSA', n: 'x'.repeat(2000), e: 'AQAB' } } })],
    ['two proofs', `${await prove({})}, ${await prove({})}`],
    ['no proof', 'nothing'],
  ]
  for (const [name, proof] of proofs) {
    const { status, body, text } = await tokensOf(proof)
    assert.deepEqual([status, body.error], [400, 'invalid_dpop_proof'], `${name}: ${text}`)
  }
  assert.equal((await sessions()).length, before)
})

test('an address may have a query, a host in capitals and its port; the server is known by both of its addresses', async () => {
  for (const htu of ['http://AUTH.example:80/oauth/token', 'http://auth.example.test/oauth/token?a=b#c'])
    assert.equal((await tokensOf(await key.prove('POST', htu))).status, 200, htu)
})

test('a proof counts once, also when it comes twenty times at once', async () => {
  const proof = await key.prove('POST', token_address)
  const { body } = await bound()
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(String(body.refresh_token), proof)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.ok(answers.every(({ status, body }) => status === 200 || body.error === 'invalid_dpop_proof'))
})

test('a bound token is worth nothing without a proof, with that of another key, or of another token', async () => {
  const [{ token }, { token: second }] = [await bound(), await bound()]
  const proofs: [string, string | null, string?][] = [
    ['as a bearer token', null, 'Bearer'],
    ['as a bearer token with a proof', await key.prove('GET', info_address, { access_token: token }), 'Bearer'],
    ['without a proof', null],
    ['with another key', await other.prove('GET', info_address, { access_token: token })],
    ['with the proof of another token', await key.prove('GET', info_address, { access_token: second })],
    ['with a proof of no token', await key.prove('GET', info_address)],
    ['with the proof of another method', await key.prove('POST', info_address, { access_token: token })],
    ['with the proof of another address', await key.prove('GET', `${issuer}/user`, { access_token: token })],
  ]
  for (const [name, proof, scheme] of proofs) {
    const { status, headers, text } = await show(token, proof, scheme)
    assert.equal(status, 401, `${name}: ${text}`)
    assert.match(headers.get('www-authenticate') ?? '', /^DPoP error="invalid_(token|dpop_proof)", algs="ES256/, name)
  }
  const used = await key.prove('GET', info_address, { access_token: token })
  assert.equal((await show(token, used)).status, 200)
  assert.equal((await show(token, used)).status, 401, 'a proof that was used')
  const own = await show(token, await key.prove('GET', `${issuer}/user`, { access_token: token }), 'DPoP', '/user')
  assert.equal(own.status, 200)
})

test('a token that is bound to no key gains nothing from a proof', async () => {
  const proof = await key.prove('GET', info_address, { access_token: person.access_token })
  assert.equal((await show(person.access_token, proof)).status, 401)
})

test('the refresh token of a public client is bound to its key for good', async () => {
  const { refresh_token } = await bound()
  const proved = async (by: ProofKey) => refresh(refresh_token, await by.prove('POST', token_address))
  const stolen = await proved(other)
  assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_grant'])
  const bare = await refresh(refresh_token, null)
  assert.deepEqual([bare.status, bare.body.error], [400, 'invalid_dpop_proof'])
  const right = await proved(key)
  assert.equal(right.status, 200, right.text)
  assert.deepEqual(claimsOf(String(right.body.access_token)).cnf, { jkt: key.jkt })
  const next = await refresh(String(right.body.refresh_token), await other.prove('POST', token_address))
  assert.equal(next.status, 400)
})

test('a client that asked for bound tokens gets no others', async () => {
  const { status, body } = await tokensOf(null)
  assert.deepEqual([status, body.error], [400, 'invalid_dpop_proof'])
})

test('a client with a secret may change its key, since it proves itself by the secret', async () => {
  const made = await registerApplication(server, { token_endpoint_auth_method: 'client_secret_post' })
  const credentials = { client_id: made.client_id, client_secret: made.client_secret ?? '' }
  const given = await getCode(server, made, person)
  const first = await askWith(await key.prove('POST', token_address), {
    grant_type: 'authorization_code',
    ...credentials,
    ...given,
  })
  const form = { grant_type: 'refresh_token', ...credentials, refresh_token: String(first.body.refresh_token) }
  const second = await askWith(await other.prove('POST', token_address), form)
  assert.deepEqual(claimsOf(String(second.body.access_token)).cnf, { jkt: other.jkt }, second.text)
})

test('RFC 9449 §10: a code that was asked for with a key needs a proof of this key', async () => {
  const codeFor = (query: Record<string, string>) => getCode(server, application, person, query)
  for (const [by, status] of [
    [other, 400],
    [key, 200],
  ] as const) {
    const given = await codeFor({ dpop_jkt: key.jkt })
    const form = { grant_type: 'authorization_code', client_id: application.client_id, ...given }
    const answer = await askWith(await by.prove('POST', token_address), form)
    assert.equal(answer.status, status, answer.text)
  }
  const { client_id } = application
  const wrong = { client_id, redirect_uri, dpop_jkt: 'x', ...{ code_challenge: 'c'.repeat(43) } }
  const asked = await server.request(
    'GET',
    `/oauth/authorize?${new URLSearchParams({ ...wrong, code_challenge_method: 'S256' })}`,
  )
  assert.match(asked.location ?? '', /error=invalid_request/)
})

test('a pushed request with a proof binds the code; dpop_jkt of another key is refused', async () => {
  const form = {
    client_id: application.client_id,
    redirect_uri,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  }
  const push = async (more: object) =>
    server.request('POST', '/oauth/par', {
      form: { ...form, ...more },
      headers: { dpop: await key.prove('POST', `${issuer}/oauth/par`) },
    })
  const mixed = await push({ dpop_jkt: other.jkt })
  assert.deepEqual([mixed.status, mixed.body.error], [400, 'invalid_dpop_proof'])
  const { status, body, text } = await push({})
  assert.equal(status, 201, text)
  await server.request(
    'GET',
    `/oauth/authorize?${new URLSearchParams({ client_id: application.client_id, request_uri: String(body.request_uri) })}`,
  )
  const rows = await server.sql<{ jkt: string }>(
    `select b.jkt from postern.authorization_details b join auth.oauth_authorizations a on a.id = b.id
      where a.client_id = $1 order by a.created_at desc limit 1`,
    [application.client_id],
  )
  assert.deepEqual(rows, [{ jkt: key.jkt }])
})

test('an application in a browser may send proofs from its own origin', async () => {
  const headers = {
    origin: 'https://spa.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,dpop',
  }
  const answer = await server.request('OPTIONS', '/oauth/token', { headers })
  assert.equal(answer.headers.get('access-control-allow-headers'), 'content-type,dpop')
})

test('while the feature is off the header counts for nothing, as recorded', async () => {
  const plain = await startTestServer({ env: applicationServer })
  try {
    const made = await registerApplication(plain, { dpop_bound_access_tokens: true })
    const given = await getCode(plain, made, await plain.user())
    const form = { grant_type: 'authorization_code', client_id: made.client_id, ...given }
    const { status, body } = await plain.request('POST', '/oauth/token', { form, headers: { dpop: 'nothing' } })
    assert.deepEqual([status, body.token_type], [200, 'bearer'])
    const { body: document } = await plain.request('GET', '/.well-known/openid-configuration')
    assert.equal(document.dpop_signing_alg_values_supported, undefined)
  } finally {
    await plain.close()
  }
})

test('what comes with the id of a public client, which everybody knows, is limited by address: each proof is a row', async () => {
  const own = await startTestServer({
    env: { ...applicationServer, POSTERN_OAUTH_FEATURES: 'dpop', GOTRUE_RATE_LIMIT_TOKEN_REFRESH: '5' },
    database: server.database,
    mail: server.mail,
  })
  const statuses: number[] = []
  for (let left = 60; left > 0 && !statuses.includes(429); left--) {
    const form = { grant_type: 'refresh_token', client_id: application.client_id, refresh_token: 'none' }
    const dpop = await key.prove('POST', token_address)
    const { status } = await own.request('POST', '/oauth/token', { form, headers: { dpop }, address: '192.0.2.77' })
    statuses.push(status)
  }
  assert.equal(statuses.at(-1), 429, String(statuses))
  await own.close()
})
