// SCIM as Okta speaks it: its requests in their order, imports by pages, PUT of whole users, and pushed groups.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addDirectory, type Directory, groupSchema, patch, startScimServer, userSchema } from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let okta: Directory
before(async () => {
  server = await startScimServer()
  okta = await addDirectory(server, 'okta.example')
})
after(() => server.close())

const person = (name: string) => ({
  schemas: [userSchema],
  userName: `${name}@okta.example`,
  name: { givenName: name, familyName: 'Isherwood' },
  emails: [{ primary: true, value: `${name}@okta.example`, type: 'work' }],
  displayName: `${name} Isherwood`,
  locale: 'en-US',
  externalId: `00u${name}`,
  groups: [],
  password: '1mz050nq',
  active: true,
})

test('the first look asks for a page of two users and one of groups', async () => {
  for (const path of ['/Users?startIndex=1&count=2', '/Groups?startIndex=1&count=100']) {
    const { status, body } = await okta.send('GET', path)
    assert.deepEqual([status, body.totalResults, body.startIndex], [200, 0, 1])
  }
})

test('a user is asked for, made without its password, and replaced as a whole', async () => {
  const asked = await okta.send('GET', '/Users?filter=userName%20eq%20%22test%40okta.example%22&startIndex=1&count=100')
  assert.equal(asked.body.totalResults, 0)
  const made = await okta.send('POST', '/Users', person('test'))
  assert.equal(made.status, 201, made.text)
  const { id } = made.body
  assert.doesNotMatch(made.text, /password|1mz050nq/)
  assert.equal((await server.sql(`select from postern.scim_users where attributes::text like '%1mz050nq%'`)).length, 0)
  const put = await okta.send('PUT', `/Users/${id}`, {
    ...person('test'),
    id,
    meta: { resourceType: 'User' },
    name: { givenName: 'Another', familyName: 'Isherwood' },
    displayName: undefined,
    emails: [{ primary: true, value: 'another@okta.example', type: 'work' }],
  })
  assert.equal(put.status, 200, put.text)
  assert.deepEqual([Object(put.body.name).givenName, put.body.displayName], ['Another', undefined])
  const [user] = await server.sql('select email, raw_user_meta_data from auth.users where id = $1', [String(id)])
  assert.deepEqual(
    [user?.email, Object(user?.raw_user_meta_data).full_name],
    ['another@okta.example', 'Another Isherwood'],
  )
})

test('who is deactivated loses the sessions and cannot refresh; who is made active again can sign in, as one account', async () => {
  const made = await okta.send('POST', '/Users', person('dora'))
  const id = String(made.body.id)
  await server.sql(
    `insert into auth.sessions (id, user_id, created_at, updated_at, aal) values (gen_random_uuid(), $1, now(), now(), 'aal1')`,
    [id],
  )
  const off = await okta.send('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }))
  assert.deepEqual([off.status, off.body.active], [200, false])
  assert.deepEqual(await server.sql('select from auth.sessions where user_id = $1', [id]), [])
  const banned = await server.request('GET', '/admin/users?banned=true', { as: 'service_role' })
  assert.deepEqual(
    (banned.body.users as { id: string }[]).map((user) => user.id),
    [id],
  )
  const on = await okta.send('PUT', `/Users/${id}`, person('dora'))
  assert.deepEqual([on.status, on.body.active], [200, true])
  const none = await server.request('GET', '/admin/users?banned=true', { as: 'service_role' })
  assert.deepEqual(none.body.users, [])
})

test('a push of a group names its members by PUT and by changes, and its id among what is replaced', async () => {
  const users = await Promise.all(['m1', 'm2', 'm3'].map((name) => okta.send('POST', '/Users', person(name))))
  const [a, b, c] = users.map(({ body }) => String(body.id))
  const member = (value = '') => ({ value, display: `${value}@okta.example` })
  const made = await okta.send('POST', '/Groups', {
    schemas: [groupSchema],
    displayName: 'Sales',
    members: [member(a)],
  })
  assert.equal(made.status, 201, made.text)
  const path = `/Groups/${made.body.id}`
  const members = async () =>
    ((await okta.send('GET', path)).body.members as { value: string }[]).map(({ value }) => value).sort()
  const renamed = patch({ op: 'replace', value: { id: made.body.id, displayName: 'Sales and support' } })
  assert.equal((await okta.send('PATCH', path, renamed)).status, 204)
  const changed = patch(
    { op: 'remove', path: `members[value eq "${a}"]` },
    { op: 'add', path: 'members', value: [member(b), member(c)] },
  )
  assert.equal((await okta.send('PATCH', path, changed)).status, 204)
  assert.deepEqual(await members(), [b, c].sort())
  const put = await okta.send('PUT', path, { schemas: [groupSchema], displayName: 'Sales', members: [member(a)] })
  assert.equal(put.status, 200, put.text)
  assert.deepEqual(await members(), [a])
  const replaced = patch({ op: 'replace', path: 'members', value: [member(c)] })
  assert.equal((await okta.send('PATCH', path, replaced)).status, 204)
  assert.deepEqual(await members(), [c])
  const { body } = await okta.send('GET', `/Users/${c}`)
  assert.deepEqual(Object(body.groups)[0]?.display, 'Sales')
})

test('an import walks through pages in an order that stays, with what it asks for of each', async () => {
  const names = Array.from({ length: 7 }, (_, at) => `page${at}`)
  for (const name of names) await okta.send('POST', '/Users', person(name))
  const seen: string[] = []
  for (let start = 1; ; start += 3) {
    const { body } = await okta.send(
      'GET',
      `/Users?startIndex=${start}&count=3&filter=userName sw "PAGE"&attributes=userName,name.givenName`,
    )
    const page = body.Resources as Record<string, unknown>[]
    assert.deepEqual([body.totalResults, body.itemsPerPage], [7, page.length])
    if (page.length === 0) break
    for (const user of page) assert.deepEqual(Object.keys(user).sort(), ['id', 'name', 'schemas', 'userName'])
    seen.push(...page.map(({ userName }) => String(userName)))
  }
  assert.deepEqual(
    seen,
    names.map((name) => `${name}@okta.example`),
  )
  const sorted = await okta.send('GET', '/Users?filter=userName sw "page"&sortBy=userName&sortOrder=descending&count=2')
  assert.deepEqual(
    (sorted.body.Resources as { userName: string }[]).map(({ userName }) => userName),
    ['page6@okta.example', 'page5@okta.example'],
  )
  const none = await okta.send('GET', '/Users?count=0')
  assert.deepEqual([(none.body.Resources as []).length, Number(none.body.totalResults) >= 7], [0, true])
})

test('.search asks the same in a body', async () => {
  const { status, body } = await okta.send('POST', '/Users/.search', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    attributes: ['userName'],
    filter: 'emails[type eq "work" and value co "page3@"]',
  })
  assert.equal(status, 200)
  assert.deepEqual(
    (body.Resources as { userName: string }[]).map(({ userName }) => userName),
    ['page3@okta.example'],
  )
})
