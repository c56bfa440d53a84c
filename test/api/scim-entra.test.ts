// SCIM as the provisioning service of Entra ID speaks it: its requests in their order, and what becomes of the accounts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  addDirectory,
  type Directory,
  enterprise,
  groupSchema,
  message,
  patch,
  startScimServer,
  userSchema,
} from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let entra: Directory
before(async () => {
  server = await startScimServer()
  entra = await addDirectory(server, 'contoso.example')
})
after(() => server.close())

const account = async (id: string) => (await server.request('GET', `/admin/users/${id}`, { as: 'service_role' })).body

const adaAt = (name: string) => ({
  schemas: [userSchema, enterprise],
  externalId: `object-of-${name}`,
  userName: `${name}@contoso.example`,
  active: true,
  displayName: 'Ada Lovelace',
  emails: [{ primary: true, type: 'work', value: `${name}@contoso.example` }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
  title: 'Countess',
  [enterprise]: { department: 'Engines' },
})

test('the test of a connection asks for somebody who is not there, and gets an empty list', async () => {
  const { status, body, headers } = await entra.send('GET', '/Users?filter=userName+eq+"non-existent-user"')
  assert.equal(status, 200)
  assert.match(headers.get('content-type') ?? '', /^application\/scim\+json/)
  assert.deepEqual(body, {
    schemas: [message('ListResponse')],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  })
})

test('a user is made, found again by name and by id, and is an SSO account that signs in by no other way', async () => {
  const made = await entra.send('POST', '/Users', adaAt('ada'))
  assert.equal(made.status, 201, made.text)
  const id = String(made.body.id)
  assert.equal(made.headers.get('location'), `http://auth.example.test/scim/v2/Users/${id}`)
  assert.equal(made.headers.get('etag'), 'W/"1"')
  const { meta, ...shown } = made.body as { meta: Record<string, unknown> }
  const { meta: _, ...sent } = adaAt('ada')
  assert.deepEqual(shown, { ...sent, id, groups: [] })
  assert.deepEqual([meta.resourceType, meta.version], ['User', 'W/"1"'])
  const found = await entra.send('GET', '/Users?filter=userName eq "ADA@contoso.example"')
  assert.deepEqual(
    (found.body.Resources as { id: string }[]).map((one) => one.id),
    [id],
  )
  const one = await entra.send('GET', `/Users/${id}`)
  assert.deepEqual(one.body, made.body)
  const { app_metadata, user_metadata, identities, ...user } = await account(id)
  assert.equal(user.email, 'ada@contoso.example')
  const provider = `sso:${entra.provider_id}`
  assert.deepEqual(app_metadata, { provider, providers: [provider], groups: [] })
  assert.equal(Reflect.get(Object(user_metadata), 'full_name'), 'Ada Lovelace')
  const [identity] = identities as { provider: string; provider_id?: string; identity_data: { sub: string } }[]
  assert.deepEqual([identity?.provider, identity?.identity_data.sub], [provider, 'ada@contoso.example'])
  const [row] = await server.sql(
    'select is_sso_user, encrypted_password, email_confirmed_at from auth.users where id = $1',
    [id],
  )
  assert.deepEqual([row?.is_sso_user, row?.encrypted_password], [true, null])
  assert.ok(row?.email_confirmed_at)
  const again = await entra.send('POST', '/Users', adaAt('ada'))
  assert.deepEqual([again.status, again.body.scimType], [409, 'uniqueness'])
})

test('changes come with paths, with a filter for an address, and with the extension in the path', async () => {
  const { body } = await entra.send('POST', '/Users', adaAt('grace'))
  const changed = await entra.send(
    'PATCH',
    `/Users/${body.id}`,
    patch(
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'Grace.Hopper@contoso.example' },
      { op: 'Add', path: 'name.familyName', value: 'Hopper' },
      { op: 'Replace', path: 'displayName', value: 'Grace Hopper' },
      { op: 'Add', path: `${enterprise}:department`, value: 'Compilers' },
      { op: 'Add', path: `${enterprise}:manager`, value: String(body.id) },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 555 0100' },
      { op: 'Remove', path: 'title' },
    ),
  )
  assert.equal(changed.status, 200, changed.text)
  assert.equal(changed.headers.get('etag'), 'W/"2"')
  assert.deepEqual(changed.body.emails, [{ primary: true, type: 'work', value: 'Grace.Hopper@contoso.example' }])
  assert.deepEqual(changed.body.name, { formatted: 'Ada Lovelace', familyName: 'Hopper', givenName: 'Ada' })
  assert.deepEqual(changed.body[enterprise], { department: 'Compilers', manager: { value: body.id } })
  assert.deepEqual(changed.body.phoneNumbers, [{ type: 'mobile', value: '+1 555 0100' }])
  assert.ok(!('title' in changed.body))
  const user = await account(String(body.id))
  assert.equal(user.email, 'grace.hopper@contoso.example')
  assert.equal(Reflect.get(Object(user.user_metadata), 'full_name'), 'Grace Hopper')
})

test('a change without a path names attributes with dots, filters and extensions, and leaves out what is not there', async () => {
  const { body } = await entra.send('POST', '/Users', adaAt('joan'))
  const value = {
    displayName: 'Joan Clarke',
    'name.givenName': 'Joan',
    'emails[type eq "home"].value': 'joan@home.example',
    [`${enterprise}:employeeNumber`]: '701984',
    'urn:ietf:params:scim:schemas:extension:Other:2.0:User:tag': 'x',
  }
  const changed = await entra.send('PATCH', `/Users/${body.id}`, patch({ op: 'replace', value }))
  assert.equal(changed.status, 200, changed.text)
  assert.deepEqual(
    [changed.body.displayName, Object(changed.body.name).givenName, Object(changed.body[enterprise]).employeeNumber],
    ['Joan Clarke', 'Joan', '701984'],
  )
  assert.deepEqual((changed.body.emails as object[])[1], { type: 'home', value: 'joan@home.example' })
})

test('who is unassigned is deactivated by the text "False", and active again by "True"', async () => {
  const { body } = await entra.send('POST', '/Users', adaAt('alan'))
  const off = await entra.send('PATCH', `/Users/${body.id}`, patch({ op: 'Replace', path: 'active', value: 'False' }))
  assert.deepEqual([off.status, off.body.active], [200, false])
  const inactive = await entra.send('GET', `/Users?filter=active eq false`)
  assert.deepEqual(
    (inactive.body.Resources as { id: string }[]).map(({ id }) => id),
    [body.id],
  )
  const on = await entra.send('PATCH', `/Users/${body.id}`, patch({ op: 'Add', path: 'active', value: 'True' }))
  assert.deepEqual([on.status, on.body.active], [200, true])
})

test('a group is made, found without its members, filled and emptied, and its name is in the metadata of its members', async () => {
  const ids = await Promise.all(
    ['g1', 'g2'].map(async (name) => String((await entra.send('POST', '/Users', adaAt(name))).body.id)),
  )
  const made = await entra.send('POST', '/Groups', {
    schemas: [groupSchema],
    externalId: 'g-1',
    displayName: 'Engines',
    meta: {},
  })
  assert.equal(made.status, 201, made.text)
  const path = `/Groups/${made.body.id}`
  const found = await entra.send('GET', '/Groups?excludedAttributes=members&filter=displayName eq "Engines"')
  assert.deepEqual(Object.keys((found.body.Resources as object[])[0] ?? {}), [
    'schemas',
    'id',
    'externalId',
    'displayName',
    'meta',
  ])
  const members = ids.map((value) => ({ $ref: null, value }))
  const added = await entra.send('PATCH', path, patch({ op: 'Add', path: 'members', value: members }))
  assert.deepEqual([added.status, added.text], [204, ''])
  assert.deepEqual(Object((await account(ids[0] ?? '')).app_metadata).groups, ['Engines'])
  const [first] = ids
  const has = await entra.send(
    'GET',
    `/Groups?excludedAttributes=members&filter=id eq "${made.body.id}" and members eq "${first}"`,
  )
  assert.equal(has.body.totalResults, 1)
  const gone = await entra.send(
    'PATCH',
    path,
    patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: first }] }),
  )
  assert.equal(gone.status, 204)
  assert.deepEqual(Object((await account(first ?? '')).app_metadata).groups, [])
  const renamed = await entra.send('PATCH', path, patch({ op: 'Replace', path: 'displayName', value: 'Machines' }))
  assert.equal(renamed.status, 204)
  assert.deepEqual(Object((await account(ids[1] ?? '')).app_metadata).groups, ['Machines'])
  assert.equal((await entra.send('DELETE', path)).status, 204)
  assert.deepEqual(Object((await account(ids[1] ?? '')).app_metadata).groups, [])
  assert.equal((await entra.send('GET', path)).status, 404)
})

test('who is deleted there is deleted here, and is not found again', async () => {
  const { body } = await entra.send('POST', '/Users', adaAt('gone'))
  assert.equal((await entra.send('DELETE', `/Users/${body.id}`)).status, 204)
  const missing = await entra.send('GET', `/Users/${body.id}`)
  assert.deepEqual([missing.status, missing.body.schemas, missing.body.status], [404, [message('Error')], '404'])
  assert.deepEqual(await server.sql('select from auth.users where id = $1', [String(body.id)]), [])
  assert.equal((await entra.send('DELETE', `/Users/${body.id}`)).status, 404)
})
