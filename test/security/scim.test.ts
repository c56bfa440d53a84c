// What SCIM must not open: other providers' people, plain accounts, bans of administrators, sessions of who has left.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addDirectory, type Directory, patch, startScimServer } from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let [ours, theirs]: Directory[] = []
const directory = (): Directory => ours as Directory
const other = (): Directory => theirs as Directory
before(async () => {
  server = await startScimServer()
  ours = await addDirectory(server, 'ours.example')
  theirs = await addDirectory(server, 'theirs.example')
})
after(() => server.close())

const add = async (at: Directory, userName: string, more: object = {}) =>
  String((await at.send('POST', '/Users', { userName, ...more })).body.id)
const whole = (id: string) =>
  server.sql(
    'select u, (select json_agg(i) from auth.identities i where i.user_id = u.id) from auth.users u where id = $1',
    [id],
  )

test('accounts of another provider and plain accounts are not there: not read, found, changed, deleted, or put into a group', async () => {
  const stranger = await add(other(), 'stranger@theirs.example')
  const { user } = await server.user({ email: 'plain@ours.example' })
  const group = String((await directory().send('POST', '/Groups', { displayName: 'Ours' })).body.id)
  const foreign = String((await other().send('POST', '/Groups', { displayName: 'Theirs' })).body.id)
  const { send } = directory()
  for (const id of [stranger, user.id]) {
    const before = await whole(id)
    assert.equal((await send('GET', `/Users/${id}`)).status, 404)
    assert.equal((await send('GET', `/Users?filter=id eq "${id}"`)).body.totalResults, 0)
    assert.equal((await send('PUT', `/Users/${id}`, { userName: 'mine' })).status, 404)
    assert.equal(
      (await send('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false }))).status,
      404,
    )
    assert.equal((await send('DELETE', `/Users/${id}`)).status, 404)
    const member = { op: 'add', path: 'members', value: [{ value: id }] }
    assert.equal((await send('PATCH', `/Groups/${group}`, patch(member))).status, 400)
    const many = await send('POST', '/Bulk', { Operations: [{ method: 'DELETE', path: `/Users/${id}` }] })
    assert.deepEqual(
      (many.body.Operations as { status: string }[]).map(({ status }) => status),
      ['404'],
    )
    assert.deepEqual(await whole(id), before)
  }
  assert.equal((await send('GET', `/Groups/${foreign}`)).status, 404)
  assert.equal((await send('GET', '/Groups?filter=displayName eq "Theirs"')).body.totalResults, 0)
  assert.equal((await send('DELETE', `/Groups/${foreign}`)).status, 404)
  assert.equal(
    (await send('GET', '/Users?filter=groups.display eq "Theirs" or not (userName pr)')).body.totalResults,
    0,
  )
})

test('a user with the address, or the id, of a plain account or of an account of another provider becomes another account', async () => {
  const { user } = await server.user({ email: 'ceo@ours.example' })
  const same = await add(other(), 'ceo@ours.example', { externalId: user.id })
  const mine = await add(directory(), 'ceo@ours.example', { externalId: user.id })
  assert.equal(new Set([user.id, same, mine]).size, 3)
  const session = await server.request('POST', '/token?grant_type=password', {
    body: { email: 'ceo@ours.example', password: 'correct horse battery staple' },
  })
  assert.equal(Object(session.body.user).id, user.id)
})

test('an account that signed in before is taken charge of by its own provider alone', async () => {
  const id = '5f4dcc3b-5aa7-45d6-8327-deb882cf99ab'
  await server.sql(
    `insert into auth.users (id, instance_id, aud, role, email, is_sso_user, raw_app_meta_data, created_at, updated_at)
      values ($1, '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', 'early@ours.example', true, '{}', now(), now())`,
    [id],
  )
  await server.sql(
    `insert into auth.identities (id, user_id, provider, provider_id, identity_data, created_at, updated_at)
      values (gen_random_uuid(), $1, $2, 'early@ours.example', '{}', now(), now())`,
    [id, `sso:${directory().provider_id}`],
  )
  assert.notEqual(await add(other(), 'early@ours.example'), id)
  assert.equal(await add(directory(), 'Early@ours.example'), id)
  const taken = await directory().send('POST', '/Users', { userName: 'early@OURS.example' })
  assert.deepEqual([taken.status, taken.body.scimType], [409, 'uniqueness'])
})

test('active lifts the ban of SCIM and no other, and no other lifting lifts the ban of SCIM', async () => {
  const id = await add(directory(), 'ban@ours.example')
  const set = (active: boolean) =>
    directory().send('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active } }))
  const ban = (ban_duration: string) =>
    server.request('PUT', `/admin/users/${id}`, { as: 'service_role', body: { ban_duration } })
  const isBanned = async () => {
    const { body } = await server.request('GET', '/admin/users?banned=true', { as: 'service_role' })
    return (body.users as { id: string }[]).some((user) => user.id === id)
  }
  await set(false)
  await ban('none')
  assert.equal(await isBanned(), true)
  await ban('24h')
  await set(true)
  assert.equal(await isBanned(), true)
  await ban('none')
  assert.equal(await isBanned(), false)
})

test('who is deactivated stays so while nothing is said of it, whatever else is changed or taken away', async () => {
  const id = await add(directory(), 'silent@ours.example', { active: false })
  const path = `/Users/${id}`
  for (const [method, body] of [
    ['PUT', { userName: 'silent@ours.example', title: 'x' }],
    ['PATCH', patch({ op: 'remove', path: 'active' })],
    ['PATCH', patch({ op: 'replace', path: 'active', value: null })],
    ['PATCH', patch({ op: 'replace', path: 'password', value: 'secret' }, { op: 'add', path: 'title', value: 'y' })],
  ] as const) {
    const answer = await directory().send(method, path, body)
    assert.deepEqual([answer.status, answer.body.active], [200, false], answer.text)
  }
  assert.equal(
    (await directory().send('PUT', path, { userName: 'silent@ours.example', active: true })).body.active,
    true,
  )
})

test('an account that an administrator deletes softly is no user any more, and nothing of it comes back', async () => {
  const id = await add(directory(), 'soft@ours.example', { displayName: 'Soft' })
  await directory().send('POST', '/Groups', { displayName: 'Soft', members: [{ value: id }] })
  await server.request('DELETE', `/admin/users/${id}`, { as: 'service_role', body: { should_soft_delete: true } })
  const before = await whole(id)
  assert.equal((await directory().send('GET', `/Users/${id}`)).status, 404)
  const change = patch({ op: 'replace', path: 'userName', value: 'back@ours.example' })
  assert.equal((await directory().send('PATCH', `/Users/${id}`, change)).status, 404)
  assert.deepEqual(await whole(id), before)
  assert.notEqual(await add(directory(), 'soft@ours.example'), id)
})

test('a deactivated person gets in with no token, code or refresh token that was made before', async () => {
  const { user, access_token, refresh_token } = await server.user({ email: 'leaver@ours.example' })
  await server.sql(
    `insert into postern.scim_users (user_id, sso_provider_id, identity_id, user_name, active) values ($1, $2, $1, 'leaver@ours.example', true)`,
    [user.id, directory().provider_id],
  )
  assert.equal((await server.request('GET', '/user', { token: access_token })).status, 200)
  await directory().send('PATCH', `/Users/${user.id}`, patch({ op: 'replace', path: 'active', value: false }))
  assert.notEqual((await server.request('GET', '/user', { token: access_token })).status, 200)
  assert.equal(
    (await server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })).status,
    400,
  )
  const signIn = await server.request('POST', '/token?grant_type=password', {
    body: { email: 'leaver@ours.example', password: 'correct horse battery staple' },
  })
  assert.deepEqual([signIn.status, signIn.body.error_code], [400, 'user_banned'])
})

test('of sign-ins, refreshes and a deactivation at once, no session is good when the person comes back', async () => {
  const { user, refresh_token } = await server.user({ email: 'racer@ours.example' })
  await server.sql(
    `insert into postern.scim_users (user_id, sso_provider_id, identity_id, user_name, active) values ($1, $2, $1, 'racer@ours.example', true)`,
    [user.id, directory().provider_id],
  )
  const refresh = () => server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
  const signIn = () =>
    server.request('POST', '/token?grant_type=password', {
      body: { email: 'racer@ours.example', password: 'correct horse battery staple' },
    })
  await Promise.all([
    ...Array.from({ length: 10 }, refresh),
    ...Array.from({ length: 4 }, signIn),
    directory().send('PATCH', `/Users/${user.id}`, patch({ op: 'replace', path: 'active', value: false })),
  ])
  await directory().send('PATCH', `/Users/${user.id}`, patch({ op: 'replace', path: 'active', value: true }))
  assert.deepEqual(await server.sql('select from auth.sessions where user_id = $1', [user.id]), [])
})

test('a provider that is deleted leaves its people: who was deactivated is banned, by what an administrator may lift', async () => {
  const gone = await addDirectory(server, 'gone.example')
  const id = await add(gone, 'a@gone.example', { active: false })
  const active = await add(gone, 'b@gone.example')
  await gone.send('POST', '/Groups', { displayName: 'Left', members: [{ value: active }] })
  await server.request('DELETE', `/admin/sso/providers/${gone.provider_id}`, { as: 'service_role' })
  assert.equal((await gone.send('GET', '/Users')).status, 401)
  const rows = await server.sql('select id from auth.users where banned_until > now() and id in ($1, $2)', [id, active])
  assert.deepEqual(rows, [{ id }])
  for (const table of ['scim_users', 'scim_groups'])
    assert.deepEqual(
      await server.sql(`select from postern.${table} where sso_provider_id = $1`, [gone.provider_id]),
      [],
    )
})

for (const [what, token] of [
  ['no token', ''],
  ['a token of nobody', `scim_${'A'.repeat(43)}`],
  ['a token of another form', `scim_${'A'.repeat(4300)}`],
  ['an administrator', 'service_role'],
] as const)
  test(`${what} opens nothing, in the form of SCIM`, async () => {
    const as = token === 'service_role' ? { as: 'service_role' as const } : { token }
    for (const [method, path] of [
      ['GET', 'Users'],
      ['POST', 'Bulk'],
      ['DELETE', 'Groups/1'],
    ] as const) {
      const body = method === 'POST' ? { body: {} } : {}
      const answer = await server.request(method, `/scim/v2/${path}`, { ...as, ...body })
      assert.deepEqual([answer.status, answer.body.status], [401, '401'])
    }
  })

test('the token of a person or an administrator of another provider revokes no token', async () => {
  const path = `/admin/sso/providers/${other().provider_id}/scim_tokens/${directory().token_id}`
  assert.equal((await server.request('DELETE', path, { as: 'service_role' })).status, 404)
  const { access_token } = await server.user()
  assert.equal((await server.request('DELETE', path, { token: access_token })).status, 403)
  assert.equal((await server.request('GET', path.replace(/\/[^/]+$/, ''), { token: directory().token })).status, 403)
})
