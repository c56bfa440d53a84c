// People of SAML as the reference was seen to take them: rows that stay behind a sign-in, odd assertions and odd metadata.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { samlEnv } from '../support/saml-provider.ts'
import { type Connected, claimsIn, connect, errorOf, signIn } from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let provider: Connected
const flows = `select provider_type, authentication_method, referrer, user_id, auth_code,
  (select count(*)::int from auth.saml_relay_states) as relay_states from auth.flow_state`

before(async () => {
  server = await startTestServer({ env: samlEnv })
  provider = await connect(server)
})
after(() => server.close())

test('without PKCE the flow of a sign-in stays until it is a day old, and its relay state goes', async () => {
  await server.sql('delete from auth.flow_state')
  const facts = { attributes: { email: 'flow@company.example' } }
  claimsIn(await signIn(server, provider, facts, { redirect_to: 'http://localhost:3000/in' }))
  assert.deepEqual(await server.sql(flows), [
    {
      provider_type: 'sso/saml',
      authentication_method: 'sso/saml',
      referrer: 'http://localhost:3000/in',
      user_id: null,
      auth_code: null,
      relay_states: 0,
    },
  ])
})

test('what a mapping makes impossible is over, with its relay state and its flow', async () => {
  await server.sql('delete from auth.flow_state')
  const misled = await connect(server, { attribute_mapping: { keys: { name: { name: 'email', array: true } } } })
  const answer = await signIn(server, misled, { attributes: { email: 'misled@company.example' } })
  assert.deepEqual(errorOf(answer), {
    code: 'server_error unexpected_failure',
    says: 'Mapped claims from provider could not be deserialized from JSON',
  })
  assert.deepEqual(await server.sql(flows), [])
  assert.deepEqual(await server.sql('select from auth.saml_relay_states'), [])
})

test("a provider whose services have no address of the web is refused; services of other bindings are nobody's", async () => {
  const add = (services: string) =>
    server.request('POST', '/admin/sso/providers', {
      as: 'service_role',
      body: {
        type: 'saml',
        metadata_xml: `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://services.example"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${services}</md:IDPSSODescriptor></md:EntityDescriptor>`,
      },
    })
  const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:'
  const good = `<md:SingleSignOnService Binding="${bindings}HTTP-Redirect" Location="https://idp.example/sso"/>`
  for (const attributes of [
    'Location="/sso"',
    'Location=""',
    'Location="javascript:alert(1)"',
    'Location="com.example.app://sso"',
    'Location="https://idp.example/" ResponseLocation="/back"',
    '',
  ])
    for (const [name, binding] of [
      ['SingleSignOnService', 'HTTP-POST'],
      ['SingleLogoutService', 'HTTP-Redirect'],
      ['ArtifactResolutionService', 'SOAP'],
    ]) {
      const { status, body } = await add(`<md:${name} Binding="${bindings}${binding}" ${attributes}/>${good}`)
      assert.deepEqual(
        [status, body.error_code, body.msg],
        [400, 'validation_failed', `SAML Metadata has a ${name} without an http or https address`],
        `${name} ${attributes}`,
      )
    }
  const { status } = await add(`<md:SingleSignOnService Binding="urn:mace:shibboleth:1.0" Location="x"/>${good}`)
  assert.equal(status, 201)
})

test('a moment of signing in that is none makes a response that is not valid', async () => {
  const attributes = { email: 'moment@company.example' }
  const statements = '<saml:AuthnStatement AuthnInstant="yesterday"></saml:AuthnStatement>'
  const answer = await signIn(server, provider, { attributes, statements })
  assert.deepEqual(errorOf(answer), {
    code: 'invalid_request validation_failed',
    says: 'SAML Assertion is not valid',
  })
})
