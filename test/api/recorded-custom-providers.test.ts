// Providers that administrators add, as the recorded server was seen to answer: the order of checks, lists, addresses.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let off: TestServer
let few: TestServer

before(async () => {
  server = await startTestServer()
  const shared = { database: server.database, mail: server.mail }
  off = await startTestServer({ ...shared, env: { GOTRUE_CUSTOM_OAUTH_ENABLED: 'false' } })
  few = await startTestServer({ ...shared, env: { GOTRUE_CUSTOM_OAUTH_MAX_PROVIDERS: '1' } })
})
after(async () => {
  await Promise.all([off.close(), few.close()])
  await server.close()
})

const path = '/admin/custom-providers'
const admin = { as: 'service_role' } as const
/** Addresses of a network for documentation, which nobody answers. */
const provider = (identifier: string, more: object = {}) => ({
  provider_type: 'oauth2',
  identifier,
  name: 'Example',
  client_id: 'client',
  client_secret: 'secret',
  authorization_url: 'https://203.0.113.7/authorize',
  token_url: 'https://203.0.113.7/token',
  userinfo_url: 'https://203.0.113.7/userinfo',
  ...more,
})
const add = (to: TestServer, body: object) => to.request('POST', path, { ...admin, body })
const said = ({ status, body }: Answer): unknown[] => [status, body.error_code, body.msg]

test('where custom providers are off nothing of a request is looked at, whatever its method', async () => {
  const disabled = [404, 'feature_disabled', 'Custom OAuth providers are disabled']
  assert.deepEqual(said(await off.request('POST', path, { ...admin, raw: '{' })), disabled)
  assert.deepEqual(said(await off.request('PUT', `${path}/none`, { ...admin, raw: '{' })), disabled)
  assert.deepEqual(said(await off.request('PATCH', path, admin)), disabled)
  assert.deepEqual(said(await off.request('GET', path)), [
    401,
    'no_authorization',
    'This endpoint requires a valid Bearer token',
  ])
})

test('a change looks at the identifier, the body, the fields, the provider and its addresses, in this order', async () => {
  const change = async (name: string, sent: { raw: string } | { body: object }) =>
    said(await server.request('PUT', `${path}/${name}`, { ...admin, ...sent }))
  const wrong = { authorization_params: { state: 'x' }, token_url: 'http://203.0.113.7/' }
  const prefix = "identifier must start with 'custom:' prefix, e.g. 'custom:none'"
  assert.deepEqual(await change('none', { raw: '{' }), [400, 'validation_failed', prefix])
  const [status, code] = await change('custom:none', { raw: '{' })
  assert.deepEqual([status, code], [400, 'bad_json'])
  const reserved = [400, 'validation_failed', 'Cannot override reserved OAuth parameter: state']
  assert.deepEqual(await change('custom:none', { body: wrong }), reserved)
  const unknown = [404, 'custom_provider_not_found', 'Custom OAuth provider not found']
  assert.deepEqual(await change('custom:none', { body: { token_url: wrong.token_url } }), unknown)
})

test('a full quota is told before addresses are looked at, and a known identifier after them', async () => {
  assert.equal((await add(server, provider('custom:full'))).status, 201)
  const insecure = { token_url: 'http://203.0.113.7/' }
  const full = [400, 'over_custom_provider_quota', 'Maximum number of custom OAuth/OIDC providers reached']
  assert.deepEqual(said(await add(few, provider('custom:another', insecure))), full)
  assert.deepEqual(said(await add(few, provider('custom:full', { name: '' }))), [
    400,
    'validation_failed',
    'name is required',
  ])
  const unsafe = [400, 'validation_failed', 'URL must use HTTPS']
  assert.deepEqual(said(await add(server, provider('custom:full', insecure))), unsafe)
  const known = [400, 'conflict', 'A custom OAuth provider with this identifier already exists']
  assert.deepEqual(said(await add(server, provider('custom:full'))), known)
  await server.request('DELETE', `${path}/custom:full`, admin)
})

test('all providers are listed newest first, those of a type oldest first', async () => {
  for (const name of ['custom:bb', 'custom:aa', 'custom:cc']) await add(server, provider(name))
  const names = async (query: string) => {
    const { body } = await server.request('GET', `${path}${query}`, admin)
    return (body.providers as { identifier: string }[]).map(({ identifier }) => identifier)
  }
  assert.deepEqual(await names(''), ['custom:cc', 'custom:aa', 'custom:bb'])
  assert.deepEqual(await names('?type=oauth2'), ['custom:bb', 'custom:aa', 'custom:cc'])
  assert.deepEqual(await names('?type=oidc'), [])
})

const addresses: [address: string, problem: string][] = [
  ['a\r\nb', 'Invalid URL format'],
  ['ht tp://203.0.113.7/', 'Invalid URL format'],
  ['https://203.0.113.7/%zz', 'Invalid URL format'],
  ['https://203.0.113.7 ', 'Invalid URL format'],
  ['//203.0.113.7/', 'URL must use HTTPS'],
  ['https:', 'URL must have a valid hostname'],
  ['https://:443/', 'URL must have a valid hostname'],
  ['https://[::]/', 'URL cannot point to localhost or loopback addresses'],
]
for (const [address, problem] of addresses)
  test(`the address ${JSON.stringify(address)} is refused: ${problem}`, async () => {
    const answer = await add(server, provider('custom:address', { token_url: address }))
    assert.deepEqual(said(answer), [400, 'validation_failed', problem])
  })
