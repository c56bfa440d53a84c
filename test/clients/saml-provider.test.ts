// A real SAML identity provider on the other side: samlify over HTTP on loopback, from metadata to session.
import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import * as samlify from 'samlify'
import { selfSignedCertificate } from '../../src/crypto/self-signed-certificate.ts'
import { samlEnv } from '../support/saml-provider.ts'
import { bring, claimsIn, errorOf, fragmentOf } from '../support/saml-sign-in.ts'
import { mint, startTestServer, type TestServer } from '../support/server.ts'

samlify.setSchemaValidator({ validate: async () => 'not looked at' })
const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'
const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
const person = 'ada@company.example'

/** Messages of logout must be signed on either side. */
const signedLogout = { wantLogoutRequestSigned: true, wantLogoutResponseSigned: true }

/** A provider of samlify; `name` makes its entity id. */
interface RealProvider {
  idp: ReturnType<typeof samlify.IdentityProvider>
  http: Server
  origin: string
  /** The form that its page would send by itself. */
  form: { action: string; SAMLResponse: string; RelayState: string } | null
}

let server: TestServer
let sp: ReturnType<typeof samlify.ServiceProvider>

/** Starts a provider that takes whoever comes for one person, and connects it. */
async function startProvider(name: string, settings: object = {}): Promise<RealProvider & { id: string }> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = new X509Certificate(
    selfSignedCertificate(privateKey, { common_name: name, dns_name: name, encrypts: false }),
  )
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${Object(http.address()).port}`
  const idp = samlify.IdentityProvider({
    entityID: `${origin}/metadata`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    signingCert: certificate.toString(),
    wantAuthnRequestsSigned: true,
    nameIDFormat: ['urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'],
    singleSignOnService: [{ Binding: redirect, Location: `${origin}/sso` }],
    singleLogoutService: [{ Binding: post, Location: `${origin}/slo` }],
    ...signedLogout,
    ...settings,
  })
  const real: RealProvider = { idp, http, origin, form: null }
  real.http.on('request', async (request, response) => {
    const url = new URL(request.url ?? '/', real.origin)
    const query = Object.fromEntries(url.searchParams)
    const octetString = url.search.slice(1).split('&Signature=')[0] ?? ''
    try {
      const asked = await real.idp.parseLoginRequest(sp, 'redirect', { query, octetString })
      const answer = await real.idp.createLoginResponse(
        sp,
        { extract: asked.extract },
        'post',
        { email: person },
        { relayState: query.RelayState ?? '' },
      )
      assert.ok('entityEndpoint' in answer)
      real.form = { action: answer.entityEndpoint, SAMLResponse: answer.context, RelayState: query.RelayState ?? '' }
      response.end('a page that sends a form')
    } catch (error) {
      response.writeHead(400).end(String(error))
    }
  })
  const { body, text } = await server.request('POST', '/admin/sso/providers', {
    as: 'service_role',
    body: { type: 'saml', metadata_xml: real.idp.getMetadata(), domains: [`${name}.example`] },
  })
  assert.ok(body.id, text)
  return Object.assign(real, { id: String(body.id) })
}

/** Goes to the provider as a browser, and brings back what its page sends. */
async function go(provider: RealProvider, body: Record<string, unknown>) {
  const { location } = await server.request('POST', '/sso', { body })
  const page = await fetch(location ?? '')
  assert.equal(page.status, 200, await page.text())
  assert.equal(provider.form?.action, 'http://auth.example.test/sso/saml/acs')
  return bring(server, provider.form?.SAMLResponse ?? '', provider.form?.RelayState)
}

const started: RealProvider[] = []
before(async () => {
  server = await startTestServer({ env: { ...samlEnv, GOTRUE_SAML_ALLOW_ENCRYPTED_ASSERTIONS: 'true' } })
  const { text } = await server.request('GET', '/sso/saml/metadata')
  sp = samlify.ServiceProvider({ metadata: text, ...signedLogout })
})
after(async () => {
  for (const { http } of started) {
    http.closeAllConnections()
    http.close()
  }
  await server.close()
})

describe('samlify signs people in', () => {
  test('it takes our signed request, and its assertion opens a session', async () => {
    const provider = await startProvider('plain')
    started.push(provider)
    const answer = await go(provider, { domain: 'plain.example', redirect_to: 'https://app.example/in' })
    assert.match(answer.location ?? '', /^https:\/\/app\.example\/in#access_token=/)
    assert.equal(claimsIn(answer).email, person)
    const { body } = await server.request('GET', '/user', { token: fragmentOf(answer).get('access_token') ?? '' })
    assert.deepEqual(
      (body.identities as { provider: string }[]).map(({ provider }) => provider),
      [`sso:${provider.id}`],
    )
  })

  test('supabase-js begins, and exchanges the code that comes back', async () => {
    const provider = await startProvider('client')
    started.push(provider)
    const kept = new Map<string, string>()
    const client = createClient('http://auth.example.test', mint({ role: 'anon' }), {
      global: {
        fetch: async (input, init) =>
          server.auth.fetch(new Request(String(input).replace('/auth/v1', ''), init), { client_address: '10.9.9.9' }),
      },
      auth: {
        flowType: 'pkce',
        autoRefreshToken: false,
        storage: {
          getItem: (name) => kept.get(name) ?? null,
          setItem: (name, value) => void kept.set(name, value),
          removeItem: (name) => void kept.delete(name),
        },
      },
    })
    const { data, error } = await client.auth.signInWithSSO({
      domain: 'client.example',
      options: { redirectTo: 'https://app.example/in' },
    })
    assert.equal(error, null)
    await fetch(data?.url ?? '')
    const { location } = await bring(server, provider.form?.SAMLResponse ?? '', provider.form?.RelayState)
    const code = new URL(location ?? '').searchParams.get('code') ?? ''
    const exchanged = await client.auth.exchangeCodeForSession(code)
    assert.equal(exchanged.error, null)
    assert.equal(exchanged.data.user?.email, person)
  })

  test('with an encrypted assertion', async () => {
    const provider = await startProvider('sealed', {
      isAssertionEncrypted: true,
      dataEncryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
    })
    started.push(provider)
    assert.equal(claimsIn(await go(provider, { domain: 'sealed.example' })).email, person)
    const encrypted = Buffer.from(provider.form?.SAMLResponse ?? '', 'base64').toString()
    assert.match(encrypted, /EncryptedAssertion/)
    assert.doesNotMatch(encrypted, /ada@/)
  })

  test('what it said to one request is no answer to the next', async () => {
    const provider = await startProvider('again')
    started.push(provider)
    claimsIn(await go(provider, { domain: 'again.example' }))
    const { location } = await server.request('POST', '/sso', { body: { domain: 'again.example' } })
    const relay_state = new URL(location ?? '').searchParams.get('RelayState') ?? ''
    const answer = await bring(server, provider.form?.SAMLResponse ?? '', relay_state)
    assert.equal(errorOf(answer).code, 'invalid_request validation_failed')
  })
})

describe('samlify and single logout', () => {
  const lives = async (token: string) => (await server.request('GET', '/user', { token })).status === 200
  const textOf = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? ''

  test('its request ends the session here, and it takes our answer', async () => {
    const provider = await startProvider('leaving')
    started.push(provider)
    const token = fragmentOf(await go(provider, { domain: 'leaving.example' })).get('access_token') ?? ''
    assert.equal(await lives(token), true)
    const asked = provider.idp.createLogoutRequest(sp, 'post', { logoutNameID: person }, { relayState: 'theirs' })
    const answer = await server.request('POST', '/sso/saml/slo', {
      form: { SAMLRequest: asked.context, RelayState: 'theirs' },
    })
    assert.equal(answer.status, 200, answer.location ?? answer.text)
    assert.equal(await lives(token), false)
    const body = { SAMLResponse: textOf(answer.text, 'SAMLResponse') }
    const { extract } = await provider.idp.parseLogoutResponse(sp, 'post', { body })
    assert.equal(extract.response?.inResponseTo, asked.id)
  })

  test('it takes our request, and its answer leads back', async () => {
    const provider = await startProvider('both')
    started.push(provider)
    const token = fragmentOf(await go(provider, { domain: 'both.example' })).get('access_token') ?? ''
    const { body } = await server.request('POST', '/sso/saml/logout', {
      token,
      body: { redirect_to: 'https://app.example/bye' },
    })
    const { SAMLRequest = '', RelayState = '' } = body.form as Record<string, string>
    const asked = await provider.idp.parseLogoutRequest(sp, 'post', { body: { SAMLRequest } })
    assert.equal(asked.extract.nameID, person)
    const answered = provider.idp.createLogoutResponse(sp, { extract: asked.extract }, 'post', {
      relayState: RelayState,
    })
    const { location } = await server.request('POST', '/sso/saml/slo', {
      form: { SAMLResponse: answered.context, RelayState },
    })
    assert.equal(location, 'https://app.example/bye')
  })
})
