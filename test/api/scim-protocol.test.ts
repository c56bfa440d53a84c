// SCIM by its standards (RFC 7643, 7644): discovery, versions, many changes in one request, errors, tokens.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addDirectory, type Directory, message, patch, sendWith, startScimServer } from '../support/scim.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let directory: Directory
before(async () => {
  server = await startScimServer()
  directory = await addDirectory(server, 'corp.example')
})
after(() => server.close())

const add = async (userName: string, more: object = {}) =>
  (await directory.send('POST', '/Users', { userName, ...more })).body as { id: string }
const bulk = (Operations: object[], more: object = {}) =>
  directory.send('POST', '/Bulk', { schemas: [message('BulkRequest')], ...more, Operations })
const outcomes = (body: Record<string, unknown>) => body.Operations as Record<string, string & { scimType: string }>[]

test('discovery tells what is supported, and needs no token', async () => {
  const ask = (path: string) => server.request('GET', `/scim/v2/${path}`)
  const { body: config } = await ask('ServiceProviderConfig')
  for (const feature of ['patch', 'bulk', 'filter', 'sort', 'etag'])
    assert.equal(Object(config[feature]).supported, true, feature)
  assert.equal(Object(config.changePassword).supported, false)
  const { body: types } = await ask('ResourceTypes')
  assert.deepEqual(
    (types.Resources as { id: string; endpoint: string }[]).map(({ id, endpoint }) => [id, endpoint]),
    [
      ['User', '/Users'],
      ['Group', '/Groups'],
    ],
  )
  const { body: schemas } = await ask('Schemas')
  for (const { id, attributes } of schemas.Resources as { id: string; attributes: { name: string }[] }[]) {
    assert.ok(attributes.length > 1)
    assert.deepEqual((await ask(`Schemas/${id}`)).body.attributes, attributes)
  }
  assert.equal((await ask('Schemas/nothing')).status, 404)
  assert.equal((await ask('Schemas?filter=x')).status, 403)
  assert.equal((await server.request('DELETE', '/scim/v2/Users', { token: directory.token })).status, 405)
})

test('the recorded switch alone manages nobody, whoever asks', async () => {
  const other = await startTestServer({ env: { GOTRUE_EXPERIMENTAL_SCIM_ENABLED: 'true' } })
  for (const path of ['/scim/v2/Users', '/scim/v2/Groups/1', '/scim/v2/Bulk'])
    assert.equal((await other.request('POST', path, { as: 'service_role', body: {} })).status, 404)
  const { body } = await other.request('GET', '/scim/v2/ServiceProviderConfig')
  assert.deepEqual(body.patch, { supported: false })
  for (const method of ['HEAD', 'OPTIONS', 'PUT']) {
    const known = await other.request(method, '/scim/v2/Schemas?filter=x')
    assert.deepEqual([known.status, known.headers.get('allow')], [405, 'GET'], method)
    for (const path of ['Users', 'Schemas/', 'Bulk', 'x/y']) {
      const { status, headers } = await other.request(method, `/scim/v2/${path}`)
      assert.deepEqual([status, headers.get('allow')], [404, null], `${method} ${path}`)
      assert.equal(headers.get('content-type'), 'application/scim+json', `${method} ${path}`)
    }
  }
  await other.close()
})

test('a version that is not the last keeps a change from being made, and one that is known is not sent again', async () => {
  const { id } = await add('etag@corp.example')
  const path = `/Users/${id}`
  const change = patch({ op: 'replace', path: 'title', value: 'x' })
  const stale = { 'if-match': 'W/"7"' }
  for (const [method, body] of [
    ['PATCH', change],
    ['PUT', { userName: 'etag@corp.example' }],
    ['DELETE', undefined],
  ] as const) {
    const { status, body: error } = await directory.send(method, path, body, stale)
    assert.deepEqual([status, error.schemas, error.status], [412, [message('Error')], '412'])
  }
  assert.equal((await directory.send('PATCH', path, change, { 'if-match': 'W/"1"' })).status, 200)
  assert.equal((await directory.send('GET', path, undefined, { 'if-none-match': 'W/"2"' })).status, 304)
  assert.equal((await directory.send('GET', path, undefined, { 'if-none-match': 'W/"1"' })).status, 200)
  assert.equal((await directory.send('DELETE', path, undefined, { 'if-match': '*' })).status, 204)
})

test('of twenty changes at once with one version, one is made', async () => {
  const { id } = await add('race@corp.example')
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, turn) =>
      directory.send('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: `${turn}` }), {
        'if-match': 'W/"1"',
      }),
    ),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(19).fill(412)])
})

test('of twenty users with one name at once, one is made', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => directory.send('POST', '/Users', { userName: 'One@corp.example' })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(19).fill(409)])
  assert.equal((await server.sql(`select from auth.users where email = 'one@corp.example'`)).length, 1)
})

test('many changes in one request name what others make, in whatever order', async () => {
  const { status, body } = await bulk([
    { method: 'POST', path: '/Groups', bulkId: 'g', data: { displayName: 'Bulk', members: [{ value: 'bulkId:u' }] } },
    { method: 'POST', path: '/Users', bulkId: 'u', data: { userName: 'bulk@corp.example' } },
    { method: 'PATCH', path: '/Users/bulkId:u', data: patch({ op: 'add', path: 'title', value: 'Made' }) },
    { method: 'POST', path: '/Users', bulkId: 'twice', data: { userName: 'BULK@corp.example' } },
    { method: 'DELETE', path: '/Groups/bulkId:nobody' },
  ])
  assert.equal(status, 200)
  const made = outcomes(body)
  assert.deepEqual(
    made.map((one) => one.status),
    ['201', '201', '200', '409', '400'],
  )
  assert.equal(made[3]?.response?.scimType, 'uniqueness')
  const user = await server.request('GET', String(made[1]?.location).replace('http://auth.example.test', ''), {
    token: directory.token,
  })
  assert.deepEqual([user.body.title, Object(user.body.groups)[0].display], ['Made', 'Bulk'])
})

test('operations in a circle fail, the others do not; after as many failures as are allowed the rest is left', async () => {
  const inCircle = (bulkId: string, other: string) => ({
    method: 'POST',
    path: '/Groups',
    bulkId,
    data: { displayName: bulkId, members: [{ value: `bulkId:${other}` }] },
  })
  const fine = { method: 'POST', path: '/Groups', bulkId: 'c', data: { displayName: 'Fine' } }
  const { body } = await bulk([inCircle('a', 'b'), inCircle('b', 'a'), fine])
  assert.deepEqual(
    outcomes(body).map(({ status }) => status),
    ['409', '400', '201'],
  )
  const bad = { method: 'DELETE', path: '/Users/nobody' }
  const left = await bulk([bad, bad, fine], { failOnErrors: 1 })
  assert.deepEqual(
    outcomes(left.body).map(({ status }) => status),
    ['404'],
  )
})

for (const [what, method, path, body, status, scimType] of [
  ['no name to sign in with', 'POST', '/Users', { displayName: 'x' }, 400, 'invalidValue'],
  ['a text where an object belongs', 'POST', '/Users', { userName: 'x', name: 5 }, 400, 'invalidValue'],
  ['a group without a name', 'POST', '/Groups', {}, 400, 'invalidValue'],
  ['a member who is nobody', 'POST', '/Groups', { displayName: 'x', members: [{ value: 'me' }] }, 400, 'invalidValue'],
  ['a filter that breaks off', 'GET', '/Users?filter=userName eq', undefined, 400, 'invalidFilter'],
  ['a page of letters', 'GET', '/Users?count=many', undefined, 400, 'invalidValue'],
  ['an order by nothing', 'GET', '/Users?sortBy=nothing', undefined, 400, 'invalidPath'],
  ['an id that can be none', 'GET', '/Users/1', undefined, 404, undefined],
  ['a bulk without operations', 'POST', '/Bulk', {}, 400, 'invalidSyntax'],
  ['a kind that is not there', 'GET', '/Devices', undefined, 404, undefined],
] as const)
  test(`an error of ${what} has the form of SCIM`, async () => {
    const answer = await directory.send(method, path, body)
    assert.equal(answer.status, status, answer.text)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/scim\+json/)
    assert.deepEqual([answer.body.schemas, answer.body.status], [[message('Error')], String(status)])
    assert.equal(answer.body.scimType, scimType)
  })

for (const [what, operations, scimType] of [
  ['nothing to do', [], 'invalidSyntax'],
  ['an operation that is none', [{ op: 'move', path: 'title' }], 'invalidSyntax'],
  ['a path to nothing', [{ op: 'add', path: 'nothing', value: 1 }], 'invalidPath'],
  ['a removal of nothing', [{ op: 'remove' }], 'noTarget'],
  ['what only the server writes', [{ op: 'replace', path: 'id', value: 'x' }], 'mutability'],
  ['groups by the user', [{ op: 'add', path: 'groups', value: [{ value: 'x' }] }], 'mutability'],
  ['a filter that no element fits', [{ op: 'replace', path: 'emails[value co "x"].type', value: 'y' }], 'noTarget'],
  ['the name to sign in with', [{ op: 'remove', path: 'userName' }], 'invalidValue'],
] as const)
  test(`a change is refused of ${what}, and changes nothing`, async () => {
    const { id } = await add(`patch-${scimType}-${what.length}@corp.example`)
    const { status, body } = await directory.send('PATCH', `/Users/${id}`, patch(...operations))
    assert.deepEqual([status, body.scimType], [400, scimType], JSON.stringify(body))
    assert.equal(Object((await directory.send('GET', `/Users/${id}`)).body.meta).version, 'W/"1"')
  })

test('tokens are shown once, kept hashed, listed without what they are, and end when they are revoked or expire', async () => {
  const path = `/admin/sso/providers/${directory.provider_id}/scim_tokens`
  const as = 'service_role'
  const made = await server.request('POST', path, { as, body: { name: 'Second', expires_in: 60 } })
  assert.equal(made.status, 201)
  const token = String(made.body.token)
  const send = sendWith(server, token)
  assert.equal((await send('GET', '/Users')).status, 200)
  const listed = await server.request('GET', path, { as })
  assert.deepEqual(
    (listed.body.scim_tokens as { name: string }[]).map(({ name }) => name),
    ['corp.example', 'Second'],
  )
  assert.ok(!listed.text.includes(token))
  assert.equal(
    (await server.sql(`select from postern.scim_tokens t where t::text like '%' || $1 || '%'`, [token])).length,
    0,
  )
  await server.sql(`update postern.scim_tokens set expires_at = now() where name = 'Second'`)
  assert.equal((await send('GET', '/Users')).status, 401)
  await server.sql(`update postern.scim_tokens set expires_at = null where name = 'Second'`)
  assert.equal((await server.request('DELETE', `${path}/${made.body.id}`, { as })).status, 204)
  const refused = await send('GET', '/Users')
  assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer realm="scim"'])
  assert.equal(
    (await server.request('DELETE', `${path}/${made.body.id}`, { as })).body.error_code,
    'scim_token_not_found',
  )
  for (const body of [{}, { name: 'x'.repeat(101) }])
    assert.equal((await server.request('POST', path, { as, body })).status, 400)
  const actions = await server.sql(
    `select payload->>'action' as action from auth.audit_log_entries where payload->>'action' like 'scim%'`,
  )
  assert.ok(actions.length >= 3)
})
