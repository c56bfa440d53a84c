// /admin/sso/providers: what an administrator may connect, and what metadata must not do.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer, untilFree } from '../support/server.ts'

const path = '/admin/sso/providers'
let answers: (address: string) => Response
let server: TestServer
before(async () => {
  server = await startTestServer({
    env: { POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    fetch: async (input) => answers(String(input)),
  })
})
after(() => server.close())

const metadata = (entity_id: string, more = ''): string =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entity_id}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${more}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`
const add = (body: object) => server.request('POST', path, { as: 'service_role', body: { type: 'saml', ...body } })
const count = async () => (await server.sql('select from auth.sso_providers')).length

for (const [what, xml] of [
  ['that is no XML', 'metadata'],
  ['that breaks off', metadata('https://a.example').slice(0, -20)],
  ['with a DOCTYPE', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${metadata('https://b.example')}`],
  ['of something else', '<html xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>'],
] as const)
  test(`metadata ${what} is refused by name, and leaves no row`, async () => {
    const before = await count()
    const { status, body } = await add({ metadata_xml: xml })
    assert.deepEqual([status, body.error_code], [400, 'validation_failed'])
    assert.match(String(body.msg), /SAML Metadata/)
    assert.equal(await count(), before)
  })

for (const [what, reference] of [
  ['half a character', '&#xD800;'],
  ['nothing', '&#0;'],
  ['more than there are characters', '&#x110000;'],
] as const)
  test(`metadata that refers to ${what} is refused, and no sign-in is sent to such an address`, async () => {
    const before = await count()
    for (const xml of [
      metadata(`https://character.example/${reference}`),
      metadata('https://character.example').replace('/sso"', `/sso${reference}"`),
      metadata('https://character.example', `<md:NameIDFormat>${reference}</md:NameIDFormat>`),
    ]) {
      const { status, body } = await add({ metadata_xml: xml, domains: ['character.example'] })
      assert.deepEqual([status, body.error_code], [400, 'validation_failed'], xml)
      assert.match(String(body.msg), /SAML Metadata/)
    }
    assert.equal(await count(), before)
  })

test('metadata is fetched from its address, and what the address answers instead is told', async () => {
  answers = () => new Response(metadata('https://fetched.example'))
  const { status, body } = await add({ metadata_url: 'https://idp.example/metadata', domains: ['fetched.example'] })
  assert.equal(status, 201, JSON.stringify(body))
  const saml = body.saml as Record<string, unknown>
  assert.deepEqual([saml.entity_id, saml.metadata_url], ['https://fetched.example', 'https://idp.example/metadata'])
  answers = () => new Response('gone', { status: 404 })
  const missing = await add({ metadata_url: 'https://idp.example/other' })
  assert.deepEqual([missing.status, missing.body.error_code], [400, 'saml_metadata_fetch_failed'])
  assert.match(String(missing.body.msg), /^HTTP 404 error fetching SAML Metadata/)
  answers = () => {
    throw new Error('no route')
  }
  const silent = await add({ metadata_url: 'https://idp.example/other' })
  assert.deepEqual([silent.status, silent.body.error_code], [400, 'saml_metadata_fetch_failed'])
})

test('of twenty providers with one domain at once, one has it, and the others are refused by name', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, turn) =>
      untilFree(() => add({ metadata_xml: metadata(`https://${turn}.race.example`), domains: ['race.example'] })),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  for (const { status, body } of answers)
    if (status !== 201) assert.ok(['sso_domain_already_exists', 'conflict'].includes(String(body.error_code)))
  const rows = await server.sql(`select from auth.saml_providers where entity_id like '%.race.example'`)
  assert.equal(rows.length, 1)
})
