// POST /sso and its way back: whom an assertion signs in, for how long, and what every refusal says.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { inMinutes, samlEnv } from '../support/saml-provider.ts'
import {
  base64,
  begin,
  bring,
  type Connected,
  claimsIn,
  connect,
  countRows,
  errorOf,
  fragmentOf,
  signIn,
} from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let provider: Connected
before(async () => {
  server = await startTestServer({ env: samlEnv })
  provider = await connect(server, { domains: ['company.example'] })
})
after(() => server.close())

let people = 0
const email = () => `sso${++people}@company.example`
const attributes = () => ({ email: email() })
const rowsOf = (sub: string) =>
  server.sql<{ not_after: string | null; methods: string[] }>(
    `select s.not_after, array(select authentication_method from auth.mfa_amr_claims a where a.session_id = s.id) as methods
      from auth.sessions s where s.user_id = $1`,
    [sub],
  )

describe('the request', () => {
  test('by domain or by provider, with a redirect or an address', async () => {
    const { status, body } = await server.request('POST', '/sso', {
      body: { domain: 'company.example', skip_http_redirect: true },
    })
    assert.equal(status, 200)
    assert.match(String(body.url), /^https:\/\/idp\.example\/sso\?SAMLRequest=.*&RelayState=.*&SigAlg=.*&Signature=/)
    const { xml, id } = await begin(server, provider)
    assert.match(id, /^id-[0-9a-f]{40}$/)
    assert.match(xml, /Destination="https:\/\/idp\.example\/sso"/)
    assert.match(xml, /AssertionConsumerServiceURL="http:\/\/auth\.example\.test\/sso\/saml\/acs"/)
  })

  for (const [name, body, code, says] of [
    ['nothing', {}, 'validation_failed', /provider_id or domain needs/],
    ['both', { domain: 'a', provider_id: '6f6a2a5e-0000-4000-8000-000000000000' }, 'validation_failed', /Only one of/],
    ['a domain of nobody', { domain: 'nobody.example' }, 'sso_provider_not_found', /No SSO provider assigned/],
    ['a domain in another case', { domain: 'COMPANY.example' }, 'sso_provider_not_found', /No SSO provider assigned/],
    ['an id of nobody', { provider_id: '6f6a2a5e-0000-4000-8000-000000000000' }, 'sso_provider_not_found', /No such/],
    ['an id that is none', { provider_id: 'x' }, 'bad_json', /provider_id/],
    ['half a challenge', { domain: 'company.example', code_challenge: 'x'.repeat(43) }, 'validation_failed', /PKCE/],
    [
      'a short challenge',
      { domain: 'company.example', code_challenge: 'x', code_challenge_method: 'plain' },
      'validation_failed',
      /between 43/,
    ],
    [
      'a strange method',
      { domain: 'company.example', code_challenge: 'x'.repeat(43), code_challenge_method: 'md5' },
      'validation_failed',
      /code_challenge_method/,
    ],
  ] as const)
    test(`${name} is refused, and leaves no row`, async () => {
      const rows = await countRows(server)
      const answer = await server.request('POST', '/sso', { body })
      assert.equal(answer.body.error_code, code)
      assert.match(String(answer.body.msg), says)
      assert.deepEqual(await countRows(server), rows)
    })

  test('a provider without an address for requests, or one that is disabled, sends nobody anywhere', async () => {
    const mute = await connect(
      server,
      {},
      undefined,
      (await connect(server))
        .metadata()
        .replaceAll('https://idp', 'https://mute')
        .replace(/<md:SingleSignOnService[^>]*>/, ''),
    )
    const rows = await countRows(server)
    assert.equal((await server.request('POST', '/sso', { body: { provider_id: mute.id } })).status, 500)
    await server.request('PUT', `/admin/sso/providers/${mute.id}`, { as: 'service_role', body: { disabled: true } })
    const answer = await server.request('POST', '/sso', { body: { provider_id: mute.id } })
    assert.deepEqual(
      [answer.status, answer.body.error_code, answer.body.msg],
      [404, 'sso_provider_disabled', 'SSO Provider is currently disabled'],
    )
    assert.deepEqual(await countRows(server), rows)
  })
})

describe('the session', () => {
  test('ends when the provider says, whichever statement says it', async () => {
    const until = inMinutes(90)
    const { sub } = claimsIn(
      await signIn(server, provider, { attributes: attributes(), name_id: 'ends', session_until: until }),
    )
    const [session] = await rowsOf(sub)
    assert.equal(new Date(session?.not_after ?? '').getTime(), Date.parse(until))
    assert.deepEqual(session?.methods, ['sso/saml'])
    // As recorded, one that is over already opens a session that nothing prolongs.
    const over = await signIn(server, provider, {
      attributes: attributes(),
      name_id: 'over',
      session_until: inMinutes(-1),
    })
    const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
      body: { refresh_token: fragmentOf(over).get('refresh_token') },
    })
    assert.deepEqual([refreshed.status, refreshed.body.error_code], [400, 'session_expired'])
    const open = claimsIn(await signIn(server, provider, { attributes: attributes(), name_id: 'open' }))
    assert.equal((await rowsOf(open.sub))[0]?.not_after, null)
  })

  test('with PKCE ends then too, is the only one, and its code works once', async () => {
    const code_verifier = randomBytes(32).toString('base64url')
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
    const until = inMinutes(60)
    const answer = await signIn(
      server,
      provider,
      { attributes: attributes(), name_id: 'pkce', session_until: until },
      { code_challenge, code_challenge_method: 's256', redirect_to: 'https://app.example/in' },
    )
    assert.equal(answer.status, 302)
    assert.match(answer.location ?? '', /^https:\/\/app\.example\/in\?code=/)
    const auth_code = new URL(answer.location ?? '').searchParams.get('code')
    const exchange = () => server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
    const { status, body } = await exchange()
    assert.equal(status, 200)
    const { id } = body.user as { id: string }
    const sessions = await rowsOf(id)
    assert.equal(sessions.length, 1)
    assert.equal(new Date(sessions[0]?.not_after ?? '').getTime(), Date.parse(until))
    assert.equal((await exchange()).status, 404)
  })

  test('says by whom it is, in the token of the sign-in and of each refresh', async () => {
    const answer = await signIn(server, provider, { attributes: attributes(), name_id: 'amr' })
    const [proof] = claimsIn(answer).amr as { method: string; provider: string }[]
    assert.deepEqual([proof?.method, proof?.provider], ['sso/saml', provider.id])
    const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
      body: { refresh_token: fragmentOf(answer).get('refresh_token') },
    })
    assert.equal(refreshed.status, 200)
    const token = String(refreshed.body.access_token).split('.')[1] ?? ''
    assert.equal(JSON.parse(Buffer.from(token, 'base64url').toString()).amr[0].provider, provider.id)
  })
})

describe('refusals', () => {
  const none =
    'SAML Assertion did not contain a persistent Subject Identifier attribute or Subject NameID uniquely identifying this user'
  for (const [name, facts, code, says] of [
    [
      'a name for once',
      { name_format: 'transient', attributes: { email: 'x@y.example' } },
      'saml_assertion_no_user_id',
      none,
    ],
    ['no name', { name_id: null, attributes: { email: 'x@y.example' } }, 'saml_assertion_no_user_id', none],
    ['no address', { attributes: {} }, 'saml_assertion_no_email', 'SAML Assertion does not contain an email address'],
    [
      'an address that is none',
      { attributes: { email: 'nobody' } },
      'saml_assertion_no_email',
      'SAML Assertion does not contain an email address',
    ],
  ] as const)
    test(`${name} is an error redirect without a row`, async () => {
      const rows = await countRows(server)
      assert.deepEqual(errorOf(await signIn(server, provider, facts)), { code: `invalid_request ${code}`, says })
      assert.deepEqual(await countRows(server), rows)
    })

  test('every problem of a form has its sentence', async () => {
    const form = async (fields: Record<string, string>) =>
      errorOf(await server.request('POST', '/sso/saml/acs', { form: fields }))
    const invalid = (says: string) => ({ code: 'invalid_request validation_failed', says })
    assert.deepEqual(await form({}), invalid('SAMLResponse is missing'))
    assert.deepEqual(await form({ SAMLResponse: '!' }), invalid('SAMLResponse is not a valid Base64 string'))
    assert.deepEqual(
      await form({ SAMLResponse: base64('no XML') }),
      invalid('SAMLResponse is not a valid XML SAML assertion'),
    )
    assert.deepEqual(
      await form({ SAMLart: 'x' }),
      invalid('SAML Artifact response can only be used with SP initiated flow'),
    )
    const { relay_state } = await begin(server, provider)
    assert.deepEqual(await form({ RelayState: relay_state }), invalid('SAML Assertion is not valid'))
    const long = base64(`<x>${'secret '.repeat(50)}</x>`)
    const { relay_state: another } = await begin(server, provider)
    const { location } = await bring(server, long, another)
    assert.ok((location ?? '').length < 400, 'an error repeats little of a message')
    const stranger = { ...provider, entity_id: 'https://nobody.example' }
    assert.deepEqual(await form({ SAMLResponse: provider.response({ issuer: stranger.entity_id }) }), {
      code: 'server_error saml_idp_not_found',
      says: 'A SAML connection has not been established with this Identity Provider',
    })
  })

  test('a provider that is disabled, banned people, and switched off sign-up', async () => {
    const other = await connect(server)
    const begun = await begin(server, other)
    const first = await signIn(server, other, { name_id: 'banned', attributes: attributes() })
    await server.sql(`update auth.users set banned_until = now() + interval '1 hour' where id = $1`, [
      claimsIn(first).sub,
    ])
    assert.deepEqual(errorOf(await signIn(server, other, { name_id: 'banned', attributes: attributes() })), {
      code: 'access_denied user_banned',
      says: 'User is banned',
    })
    await server.request('PUT', `/admin/sso/providers/${other.id}`, { as: 'service_role', body: { disabled: true } })
    const disabled = {
      code: 'server_error sso_provider_disabled',
      says: 'SSO Provider assigned for this domain is currently disabled',
    }
    const response = other.response({ in_response_to: begun.id, attributes: attributes() })
    assert.deepEqual(errorOf(await bring(server, response, begun.relay_state)), disabled)
    assert.deepEqual(errorOf(await bring(server, other.response({ attributes: attributes() }))), disabled)
  })

  test('GET is 405, and everything is 404 while SAML is off', async () => {
    assert.equal((await server.request('GET', '/sso/saml/acs')).status, 405)
    const off = await startTestServer({ database: server.database, mail: server.mail })
    for (const [method, path] of [
      ['POST', '/sso'],
      ['GET', '/sso/saml/metadata'],
      ['POST', '/sso/saml/acs'],
      ['GET', '/sso/saml/other'],
    ] as const) {
      const { status, body } = await off.request(method, path, method === 'POST' ? { body: {} } : {})
      assert.deepEqual([status, body.error_code], [404, 'saml_provider_disabled'], path)
    }
    await off.close()
  })
})
