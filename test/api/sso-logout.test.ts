// Single logout with SAML: a provider ends the sessions that it opened, and a person the provider's session with their own.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { createSamlProvider, escaped, inMinutes, samlEnv } from '../support/saml-provider.ts'
import { base64, type Connected, claimsIn, connect, errorOf, fragmentOf, signIn } from '../support/saml-sign-in.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

const slo = 'http://auth.example.test/sso/saml/slo'
let server: TestServer
let provider: Connected
before(async () => {
  server = await startTestServer({ env: samlEnv })
  provider = await connectWith('HTTP-POST')
})
after(() => server.close())

let entities = 0
async function connectWith(binding: string): Promise<Connected> {
  const one = createSamlProvider(`https://slo${++entities}.example`)
  const service = `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="https://idp.example/slo" ResponseLocation="https://idp.example/slo/done"/>`
  return connect(server, {}, one, one.metadata(service))
}

interface Facts {
  name?: string
  indexes?: string[]
  destination?: string
  issued?: string
  until?: string
  issuer?: string
  signed?: boolean
  id?: string
  answers?: string
  status?: string
  change?: (xml: string) => string
}
const write = (kind: string, of: Connected, facts: Facts, content: string): string => {
  const id = facts.id ?? `_${randomBytes(16).toString('hex')}`
  const answering = facts.answers ? ` InResponseTo="${facts.answers}"` : ''
  const issued = facts.issued ?? inMinutes(0)
  const until = facts.until ? ` NotOnOrAfter="${facts.until}"` : ''
  const xml = (signature: string) =>
    `<samlp:${kind} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" Destination="${facts.destination ?? slo}" ID="${id}"${answering} IssueInstant="${issued}"${until} Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${facts.issuer ?? of.entity_id}</saml:Issuer>${signature}${content}</samlp:${kind}>`
  const made = xml(facts.signed === false ? '' : of.signature(xml(''), id))
  return base64(facts.change?.(made) ?? made)
}
const request = (of: Connected, facts: Facts): string =>
  write(
    'LogoutRequest',
    of,
    facts,
    `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${escaped(facts.name ?? '')}</saml:NameID>${(facts.indexes ?? []).map((index) => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`).join('')}`,
  )
const response = (of: Connected, facts: Facts): string =>
  write(
    'LogoutResponse',
    of,
    facts,
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${facts.status ?? 'Success'}"></samlp:StatusCode></samlp:Status>`,
  )
const send = (form: Record<string, string>): Promise<Answer> => server.request('POST', '/sso/saml/slo', { form })

let people = 0
async function signedIn(of = provider, session_index = '', name?: string) {
  const name_id = name ?? `slo-${++people}`
  const answer = await signIn(server, of, { name_id, session_index, attributes: { email: `${name_id}@idp.example` } })
  return { name: name_id, token: fragmentOf(answer).get('access_token') ?? '', sub: claimsIn(answer).sub }
}
const lives = async (token: string) => (await server.request('GET', '/user', { token })).status === 200

describe('a provider that ends a session', () => {
  test('ends all of a person, and hears so in a signed answer that the browser brings', async () => {
    const one = await signedIn()
    const two = await signedIn(provider, '', one.name)
    const other = await signedIn()
    const answer = await send({
      SAMLRequest: request(provider, { name: one.name, id: '_asked' }),
      RelayState: 'theirs & ours',
    })
    assert.deepEqual([await lives(one.token), await lives(two.token), await lives(other.token)], [false, false, true])
    assert.equal(answer.status, 200)
    assert.match(answer.text, /<form method="post" action="https:\/\/idp\.example\/slo\/done">/)
    assert.match(answer.text, /name="RelayState" value="theirs &amp; ours"/)
    assert.match(answer.headers.get('content-security-policy') ?? '', /script-src 'sha256-/)
    const xml = Buffer.from(/name="SAMLResponse" value="([^"]+)"/.exec(answer.text)?.[1] ?? '', 'base64').toString()
    assert.match(xml, /<samlp:LogoutResponse [^>]*InResponseTo="_asked"/)
    assert.match(xml, /<ds:SignatureValue>/)
    assert.match(xml, /status:Success/)
    const audit = await server.sql(
      `select from auth.audit_log_entries where payload->>'action' = 'logout' and payload->>'actor_id' = $1`,
      [one.sub],
    )
    assert.equal(audit.length, 2)
  })

  test('ends only those whose index it names', async () => {
    const first = await signedIn(provider, 'index-1')
    const second = await signedIn(provider, 'index-2', first.name)
    await send({ SAMLRequest: request(provider, { name: first.name, indexes: ['index-1', 'index-9'] }) })
    assert.deepEqual([await lives(first.token), await lives(second.token)], [false, true])
  })

  test('hears by redirect where it takes nothing else', async () => {
    const redirecting = await connectWith('HTTP-Redirect')
    const { name, token } = await signedIn(redirecting)
    const { status, location } = await send({ SAMLRequest: request(redirecting, { name }), RelayState: 'x' })
    assert.equal(status, 303)
    assert.match(
      location ?? '',
      /^https:\/\/idp\.example\/slo\/done\?SAMLResponse=.*&RelayState=x&SigAlg=.*sha256&Signature=/,
    )
    assert.equal(await lives(token), false)
  })

  const refusals: Record<string, (name: string, other: Connected) => string> = {
    'that is not signed': (name) => request(provider, { name, signed: false }),
    'that was changed': (name) => request(provider, { name: 'x', change: (xml) => xml.replace('>x<', `>${name}<`) }),
    'of another provider': (name, other) => request(other, { name, issuer: provider.entity_id }),
    'for another destination': (name) => request(provider, { name, destination: 'https://other.example' }),
    'that is old': (name) => request(provider, { name, issued: inMinutes(-2) }),
    'that has expired': (name) => request(provider, { name, until: inMinutes(-4) }),
    'that names nobody': () => request(provider, { name: '' }),
    'with a DOCTYPE': (name) => request(provider, { name, change: (xml) => `<!DOCTYPE x>${xml}` }),
    'within another': (name) =>
      request(provider, {
        name: 'x',
        change: (xml) =>
          xml
            .replace(/ID="[^"]+"/, 'ID="_evil"')
            .replace('>x<', `>${name}<`)
            .replace('</samlp:LogoutRequest>', `${xml}</samlp:LogoutRequest>`),
      }),
  }
  for (const [name, forge] of Object.entries(refusals))
    test(`by a request ${name} ends nothing`, async () => {
      const person = await signedIn()
      const { code, says } = errorOf(await send({ SAMLRequest: forge(person.name, await connectWith('HTTP-POST')) }))
      assert.deepEqual([code, says], ['invalid_request validation_failed', 'SAML logout message is not valid'])
      assert.equal(await lives(person.token), true)
    })

  test('cannot end sessions of people of another', async () => {
    const other = await connectWith('HTTP-POST')
    const person = await signedIn()
    assert.equal((await send({ SAMLRequest: request(other, { name: person.name }) })).status, 200)
    assert.equal(await lives(person.token), true)
    const nobody = errorOf(
      await send({ SAMLRequest: request(provider, { name: person.name, issuer: 'https://nobody.example' }) }),
    )
    assert.equal(nobody.code, 'server_error saml_idp_not_found')
  })

  test('asks once: the same request does not end what began after it', async () => {
    const person = await signedIn()
    const asked = request(provider, { name: person.name })
    assert.equal((await send({ SAMLRequest: asked })).status, 200)
    const again = await signedIn(provider, '', person.name)
    assert.equal(errorOf(await send({ SAMLRequest: asked })).code, 'invalid_request validation_failed')
    assert.equal(await lives(again.token), true)
  })
})

describe('a person who ends their session at the provider too', () => {
  const logOut = (token: string, body: object = {}) => server.request('POST', '/sso/saml/logout', { token, body })

  test('is told where to send a signed request, and comes back to where they wanted to go', async () => {
    const { name, token } = await signedIn(provider, 'index-7')
    const { status, body } = await logOut(token, { redirect_to: 'https://app.example/bye' })
    assert.deepEqual([status, body.url], [200, 'https://idp.example/slo'])
    assert.equal(await lives(token), false)
    const { SAMLRequest, RelayState } = body.form as Record<string, string>
    const xml = Buffer.from(SAMLRequest ?? '', 'base64').toString()
    assert.match(xml, new RegExp(`<saml:NameID [^>]*persistent">${name}</saml:NameID><samlp:SessionIndex>index-7<`))
    const answers = / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
    const back = { SAMLResponse: response(provider, { answers }), RelayState: RelayState ?? '' }
    const { location } = await send(back)
    assert.equal(location, 'https://app.example/bye')
    // Once.
    assert.equal(errorOf(await send(back)).code, 'server_error saml_relay_state_not_found')
  })

  test('is sent by redirect where the provider takes one', async () => {
    const { token } = await signedIn(await connectWith('HTTP-Redirect'))
    const { body } = await logOut(token)
    assert.equal(body.form, undefined)
    const query = new URL(String(body.url)).searchParams
    assert.match(
      inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString(),
      /^<samlp:LogoutRequest/,
    )
  })

  test('has only the session here ended where there is no more', async () => {
    const { token } = await signedIn(await connect(server))
    assert.deepEqual((await logOut(token)).body, {})
    assert.equal(await lives(token), false)
    const { access_token } = await server.user()
    assert.deepEqual((await logOut(access_token)).body, {})
    assert.equal(await lives(access_token), false)
    assert.equal((await server.request('POST', '/sso/saml/logout')).status, 401)
  })

  test('hears of a provider that could not end its session, or that answers something else', async () => {
    const { token } = await signedIn()
    const { body } = await logOut(token)
    const { SAMLRequest, RelayState = '' } = body.form as Record<string, string>
    const answers = / ID="([^"]+)"/.exec(Buffer.from(SAMLRequest ?? '', 'base64').toString())?.[1] ?? ''
    for (const facts of [{ answers: 'id-other' }, { answers, status: 'Responder' }, { answers, signed: false }])
      assert.equal(
        errorOf(await send({ SAMLResponse: response(provider, facts), RelayState })).code,
        'invalid_request validation_failed',
      )
    for (const state of ['', 'x', '6f6a2a5e-0000-4000-8000-000000000000'])
      assert.equal(
        errorOf(await send({ SAMLResponse: response(provider, { answers }), RelayState: state })).code,
        'server_error saml_relay_state_not_found',
      )
    assert.equal(errorOf(await send({})).code, 'invalid_request validation_failed')
    // The state of a logout is none of a sign-in.
    const answer = await server.request('POST', '/sso/saml/acs', {
      form: { RelayState, SAMLResponse: provider.response({ in_response_to: answers }) },
    })
    assert.equal(errorOf(answer).code, 'server_error saml_relay_state_not_found')
  })
})
