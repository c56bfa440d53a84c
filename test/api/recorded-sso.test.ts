// Identity providers of companies as administrators send them, odd or half, as the reference was seen to take or refuse them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createSamlProvider, samlEnv } from '../support/saml-provider.ts'
import { bring, claimsIn, errorOf } from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const path = '/admin/sso/providers'
const as = 'service_role'
const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
let server: TestServer
let next = 0
/** Accounts that the hook after their creation was told of. */
const told: Record<string, unknown>[] = []
const hears = (async (_url: string | URL | Request, init?: RequestInit) => {
  told.push(JSON.parse(String(init?.body)).user)
  return Response.json({})
}) as typeof fetch

before(async () => {
  const hook = {
    GOTRUE_HOOK_AFTER_USER_CREATED_ENABLED: 'true',
    GOTRUE_HOOK_AFTER_USER_CREATED_URI: 'https://hooks.example',
  }
  server = await startTestServer({ env: { ...samlEnv, ...hook }, fetch: hears })
})
after(() => server.close())

const metadata = (entity_id: string) =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entity_id}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`
const add = (body: object = {}) =>
  server.request('POST', path, {
    as,
    body: { type: 'saml', metadata_xml: metadata(`https://${++next}.example`), ...body },
  })
const added = async (body: object = {}) => String((await add(body)).body.id)
const change = (id: string, body: object) => server.request('PUT', `${path}/${id}`, { as, body })
const samlOf = ({ body }: { body: Record<string, unknown> }) => body.saml as Record<string, unknown>
const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }) =>
  `${status} ${body.error_code} ${body.msg}`
const touched = async (id: string) => {
  const [row] = await server.sql<{ provider: boolean; settings: boolean }>(
    `select p.updated_at > p.created_at as provider, s.updated_at > s.created_at as settings
      from auth.sso_providers p join auth.saml_providers s on s.sso_provider_id = p.id where p.id = $1`,
    [id],
  )
  return row
}

test('of a mapping only what says something is kept, its members in any case', async () => {
  const attribute_mapping = {
    more: 1,
    KEYS: {
      full: { NAME: 'a', Names: ['b', null], default: 0, array: true, other: 1 },
      bare: { name: '', names: [], default: null, array: false },
      nothing: null,
    },
  }
  const kept = { keys: { full: { name: 'a', names: ['b', ''], default: 0, array: true }, bare: {}, nothing: {} } }
  const created = await add({ attribute_mapping })
  assert.deepEqual(samlOf(created).attribute_mapping, kept)
  const [row] = await server.sql(
    `select attribute_mapping from auth.saml_providers where sso_provider_id = '${created.body.id}'`,
  )
  assert.deepEqual(row, { attribute_mapping: kept })
  const id = await added()
  assert.deepEqual(samlOf(await change(id, { attribute_mapping })).attribute_mapping, kept)
  assert.deepEqual(samlOf(await change(id, { attribute_mapping: { keys: {} } })).attribute_mapping, {})
  assert.deepEqual(samlOf(await add({ attribute_mapping: { keys: {} } })).attribute_mapping, {})
})

for (const mapping of [
  'x',
  [],
  { keys: [] },
  { keys: 'x' },
  { keys: { a: 'x' } },
  { keys: { a: { name: 1 } } },
  { keys: { a: { names: 'x' } } },
  { keys: { a: { names: [1] } } },
  { keys: { a: { array: 'true' } } },
])
  test(`a mapping of ${JSON.stringify(mapping)} is refused, creating and changing`, async () => {
    const created = await add({ attribute_mapping: mapping })
    assert.deepEqual([created.status, created.body.error_code], [400, 'bad_json'])
    const changed = await change(await added(), { attribute_mapping: mapping })
    assert.deepEqual([changed.status, changed.body.error_code], [400, 'bad_json'])
  })

test('what is missing is told before a format of names that is none', async () => {
  const answer = await server.request('POST', path, { as, body: { type: 'saml', name_id_format: 'nickname' } })
  assert.equal(refusal(answer), '400 validation_failed Either metadata_xml or metadata_url must be set')
})

for (const [metadata_url, says] of [
  ['/metadata', 'HTTPS'],
  ['//idp.example/metadata', 'HTTPS'],
  ['idp.example:443/metadata', 'HTTPS'],
  ['idp.example/metadata', 'valid'],
  [' https://idp.example/metadata', 'valid'],
  ['https://idp.example/%zz', 'valid'],
] as const)
  test(`metadata_url '${metadata_url}' is not ${says === 'HTTPS' ? 'by TLS' : 'an address'}`, async () => {
    const answer = await server.request('POST', path, { as, body: { type: 'saml', metadata_url } })
    const sentence = says === 'HTTPS' ? 'metadata_url is not a HTTPS URL' : 'metadata_url is not a valid URL'
    assert.equal(refusal(answer), `400 validation_failed ${sentence}`)
  })

test('an empty resource_id is one, until it is changed to none', async () => {
  const { body } = await add({ resource_id: '' })
  assert.equal(body.resource_id, '')
  const found = await server.request('GET', `${path}/resource_`, { as })
  assert.deepEqual([found.status, found.body.id], [200, body.id])
  const changed = await change(String(body.id), { resource_id: '' })
  assert.equal('resource_id' in changed.body, false)
  assert.equal((await server.request('GET', `${path}/resource_`, { as })).status, 404)
})

test('the prefix of resource ids is a pattern', async () => {
  for (const resource_id of ['plan-1', 'plan-2', 'plot_1']) await add({ resource_id })
  const found = async (prefix: string) => {
    const { body } = await server.request('GET', `${path}?resource_id_prefix=${prefix}`, { as })
    return (body.items as { resource_id: string }[]).map(({ resource_id }) => resource_id)
  }
  assert.deepEqual(await found('pl_n-'), ['plan-1', 'plan-2'])
  assert.deepEqual(await found('%25_1'), ['plan-1', 'plot_1'])
  assert.deepEqual(await found('plot'), ['plot_1'])
})

test('a change that says nothing new writes nothing, a format of names alone only the moment', async () => {
  const id = await added({ domains: ['same.example'], resource_id: 'same', disabled: true })
  await change(id, { domains: ['same.example'], resource_id: 'same', disabled: true, attribute_mapping: { keys: {} } })
  assert.deepEqual(await touched(id), { provider: false, settings: false })
  const answer = await change(id, { name_id_format: transient })
  assert.equal('name_id_format' in samlOf(answer), false)
  assert.deepEqual(await touched(id), { provider: true, settings: false })
  const written = await change(id, { name_id_format: transient, attribute_mapping: { keys: { a: { name: 'b' } } } })
  assert.equal(samlOf(written).name_id_format, transient)
  assert.deepEqual(await touched(id), { provider: true, settings: true })
})

test('metadata that is sent leaves the address of metadata as it was', async () => {
  const { body } = await add()
  const entity_id = String(samlOf({ body }).entity_id)
  await server.sql(`update auth.saml_providers set metadata_url = 'https://a.example' where entity_id = $1`, [
    entity_id,
  ])
  const changed = await change(String(body.id), { metadata_xml: metadata(entity_id) })
  assert.equal(samlOf(changed).metadata_url, 'https://a.example')
})

test('domains keep the order in which they are sent, those that stay first', async () => {
  const of = ({ body }: { body: Record<string, unknown> }) =>
    (body.domains as { domain: string }[]).map(({ domain }) => domain)
  for (let turn = 0; turn < 5; turn++) {
    const names = ['z', 'a', 'm'].map((name) => `${name}${turn}.order.example`)
    const created = await add({ domains: names })
    assert.deepEqual(of(created), names)
    const [first = '', second = ''] = names
    const changed = await change(String(created.body.id), {
      domains: [`c${turn}.example`, `b${turn}.example`, second, first],
    })
    assert.deepEqual(of(changed), [first, second, `c${turn}.example`, `b${turn}.example`])
  }
})

test('a relay state is an address as a request line has it, or none', async () => {
  const provider = createSamlProvider('https://relay.example/metadata')
  await server.request('POST', path, { as, body: { type: 'saml', metadata_xml: provider.metadata() } })
  const response = () => provider.response({ attributes: { email: 'relay@relay.example' } })
  for (const state of [
    'http://[::1',
    'http://a b.example/',
    'http://a.example#b',
    'http://a.example/%zz',
    'path',
    '?a=b',
    '1:2',
  ])
    assert.deepEqual(errorOf(await bring(server, response(), state)), {
      code: 'invalid_request validation_failed',
      says: 'SAML RelayState is not a valid UUID or URL',
    })
  for (const state of ['/path', 'urn:x:y', 'localhost:3000', 'http://a.example/b c'])
    assert.equal(claimsIn(await bring(server, response(), state)).email, 'relay@relay.example')
})

test('a default that leaves the place of a claim empty is a custom claim too', async () => {
  const provider = createSamlProvider('https://empty.example/metadata')
  const keys = {
    ...{ name: { default: '' }, iat: { default: 0 }, sub: { default: '' }, phone_verified: { default: false } },
    ...{ aud: { default: '' }, updated_at: { default: '' } },
  }
  await server.request('POST', path, {
    as,
    body: { type: 'saml', metadata_xml: provider.metadata(), attribute_mapping: { keys } },
  })
  const answer = await bring(server, provider.response({ attributes: { email: 'empty@empty.example' } }))
  const { custom_claims, updated_at } = claimsIn(answer).user_metadata as Record<string, unknown>
  assert.deepEqual([custom_claims, updated_at], [{ name: '', iat: 0 }, '0001-01-01T00:00:00Z'])
})

test('what is no response is told, and a response in the query is never accepted', async () => {
  const provider = createSamlProvider('https://query.example/metadata')
  await server.request('POST', path, { as, body: { type: 'saml', metadata_xml: provider.metadata() } })
  const response = (issuer = provider.entity_id) =>
    provider.response({ issuer, attributes: { email: 'query@query.example' } })
  const renamed = Buffer.from(response(), 'base64').toString().replaceAll('samlp:Response', 'samlp:LogoutResponse')
  assert.deepEqual(errorOf(await bring(server, Buffer.from(renamed).toString('base64'))), {
    code: 'invalid_request validation_failed',
    says: 'SAMLResponse is not a valid XML SAML assertion',
  })
  assert.deepEqual(errorOf(await bring(server, response(` ${provider.entity_id} `))), {
    code: 'server_error saml_idp_not_found',
    says: 'A SAML connection has not been established with this Identity Provider',
  })
  const query = new URLSearchParams({ SAMLResponse: response() })
  const answer = await server.request('POST', `/sso/saml/acs?${query}`, { form: {} })
  assert.deepEqual(errorOf(answer), { code: 'invalid_request validation_failed', says: 'SAML Assertion is not valid' })
})

test('the address of a provider keeps its fragment, and what it may not hold is encoded', async () => {
  const id = await added({
    metadata_xml: metadata('https://odd.example').replace(
      'https://idp.example/sso',
      'https://idp.example/é b?a=b#part',
    ),
  })
  const { body } = await server.request('POST', '/sso', { body: { provider_id: id, skip_http_redirect: true } })
  assert.match(String(body.url), /^https:\/\/idp\.example\/%C3%A9%20b\?a=b&SAMLRequest=[^#]*#part$/)
})

test('the hook after a creation is told of the account as the sign-in left it', async () => {
  const provider = createSamlProvider('https://told.example/metadata')
  await server.request('POST', path, { as, body: { type: 'saml', metadata_xml: provider.metadata() } })
  told.length = 0
  for (let turn = 0; turn < 2; turn++)
    await bring(server, provider.response({ attributes: { email: 'told@told.example' } }))
  const [user, ...more] = told
  assert.deepEqual([user?.email, more], ['told@told.example', []])
  assert.deepEqual([typeof user?.email_confirmed_at, typeof user?.last_sign_in_at], ['string', 'string'])
})

test('SCIM that is off says so in the form of the version that is asked for', async () => {
  const { status, body } = await server.request('GET', '/scim/v2/Users', {
    headers: { 'x-supabase-api-version': '2024-01-01' },
  })
  assert.deepEqual([status, body], [404, { code: 'feature_disabled', message: 'SCIM server is disabled' }])
})

test('SCIM that is off is off for every method, on paths that are known and unknown', async () => {
  for (const path of ['/scim/v2', '/scim/v2/Schemas', '/scim/v2/Schemas/', '/scim/v2/Users/1', '/scim/v2/x/y'])
    for (const method of ['HEAD', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await server.request(method, path)
      const found = [status, headers.get('x-sb-error-code'), headers.get('allow')]
      assert.deepEqual(found, [404, 'feature_disabled', null], `${method} ${path}`)
    }
})
