// What SCIM reads from directories: bounded in size and number, with names that are only names, in its own form of errors.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addDirectory, type Directory, patch, sendWith, startScimServer } from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let ours: Directory | undefined
const directory = (): Directory => ours as Directory
before(async () => {
  server = await startScimServer()
  ours = await addDirectory(server, 'ours.example')
})
after(() => server.close())

const add = async (at: Directory, userName: string) => String((await at.send('POST', '/Users', { userName })).body.id)

test('what is large, deep or many is refused before it costs anything, with its name', async () => {
  const { send } = directory()
  const deep = (size: number) => `${'('.repeat(size)}userName pr${')'.repeat(size)}`
  for (const filter of [
    deep(11),
    deep(900),
    Array(51).fill('title pr').join(' or '),
    `userName eq "${'x'.repeat(3000)}"`,
  ])
    assert.equal((await send('GET', `/Users?filter=${encodeURIComponent(filter)}`)).status, 400)
  const nested = JSON.parse(`${'{"a":'.repeat(900)}1${'}'.repeat(900)}`)
  assert.equal((await send('POST', '/Users', { userName: 'deep@ours.example', name: nested })).status, 201)
  for (const [body, status] of [
    [{ userName: 'x'.repeat(513) }, 400],
    [{ userName: 'x', title: 'x'.repeat(8193) }, 400],
    [{ userName: 'x', emails: Array(101).fill({ value: 'x' }) }, 400],
    [{ userName: 'x', roles: Array(100).fill({ value: 'x'.repeat(700) }) }, 400],
    [{ userName: 'x', title: 'a\0b' }, 400],
    [{ userName: 'x', title: 'x'.repeat(1_100_000) }, 413],
  ] as const)
    assert.equal((await send('POST', '/Users', body)).status, status, JSON.stringify(body).slice(0, 60))
  const operation = { method: 'DELETE', path: '/Users/1' }
  assert.equal((await send('POST', '/Bulk', { Operations: Array(501).fill(operation) })).status, 413)
  const id = await add(directory(), 'many@ours.example')
  const change = { op: 'add', path: 'title', value: 'x' }
  assert.equal((await send('PATCH', `/Users/${id}`, patch(...Array(1001).fill(change)))).status, 400)
})

test('names of groups that would make tokens too long are refused, and none of them stays', async () => {
  const id = await add(directory(), 'groups@ours.example')
  const name = (at: number) => `${at}${'g'.repeat(250)}`
  for (let at = 0; at < 76; at++)
    assert.equal((await directory().send('POST', '/Groups', { displayName: name(at) })).status, 201)
  const { body } = await directory().send(
    'GET',
    '/Groups?filter=displayName co "gggg"&count=200&excludedAttributes=members',
  )
  const members = [{ value: id }]
  const Operations = (body.Resources as { id: string }[]).map((group) => ({
    method: 'PATCH',
    path: `/Groups/${group.id}`,
    data: patch({ op: 'add', path: 'members', value: members }),
  }))
  await directory().send('POST', '/Bulk', { Operations })
  assert.equal((await directory().send('POST', '/Groups', { displayName: `last${name(1)}`, members })).status, 201)
  for (let at = 0; at < 4; at++)
    await directory().send('POST', '/Groups', { displayName: `more${name(at + 10)}`, members })
  const [row] = await server.sql<{ size: number }>(
    `select octet_length((raw_app_meta_data->'groups')::text) as size from auth.users where id = $1`,
    [id],
  )
  assert.ok((row?.size ?? 0) > 19_000 && (row?.size ?? 0) <= 20_000, String(row?.size))
})

test('names from another world are names: of prototypes, of columns, of SQL', async () => {
  const body = JSON.parse(
    `{"userName":"proto@ours.example","__proto__":{"active":false},"constructor":{"x":1},"name":{"__proto__":{"formatted":"x"}},"user_id":"1"}`,
  )
  const made = await directory().send('POST', '/Users', body)
  assert.equal(made.status, 201, made.text)
  assert.deepEqual([made.body.active, made.body.name], [true, undefined])
  const changed = await directory().send(
    'PATCH',
    `/Users/${made.body.id}`,
    patch({ op: 'add', value: JSON.parse('{"__proto__":{"active":false},"title":"a"}') }),
  )
  assert.deepEqual([changed.status, changed.body.active, changed.body.title], [200, true, 'a'])
  for (const path of ['__proto__', 'constructor.name', 'emails[__proto__ eq "x"].value', "title'; drop table x"])
    assert.equal(
      (await directory().send('PATCH', `/Users/${made.body.id}`, patch({ op: 'add', path, value: 'x' }))).status,
      400,
      path,
    )
})

test('each address has its limit, which is told in the form of SCIM', async () => {
  const limited = await startScimServer({ POSTERN_RATE_LIMIT_SCIM: '3' })
  const send = (address: string) =>
    limited.request('GET', '/scim/v2/Users', { token: `scim_${'A'.repeat(43)}`, address })
  const statuses = []
  for (let turn = 0; turn < 4; turn++) statuses.push((await send('203.0.113.9')).status)
  assert.deepEqual(statuses, [401, 401, 401, 429])
  const refused = await send('203.0.113.9')
  assert.deepEqual([refused.body.status, Number(refused.headers.get('retry-after')) > 0], ['429', true])
  assert.equal((await send('203.0.113.10')).status, 401)
  await limited.close()
})

test('an outage is 503 with Retry-After in the form of SCIM, and nothing of a cause is told', async () => {
  const id = await add(directory(), 'trigger@ours.example')
  await server.sql(`create function postern.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'secret detail' using errcode = '57P03'; end $$`)
  await server.sql(
    'create trigger refuse before update on postern.scim_users for each row execute function postern.refuse()',
  )
  const answer = await directory().send('PATCH', `/Users/${id}`, patch({ op: 'add', path: 'title', value: 'x' }))
  await server.sql('drop function postern.refuse cascade')
  assert.ok(answer.status >= 500)
  assert.equal(answer.body.status, String(answer.status))
  assert.doesNotMatch(answer.text, /secret|postern\.|scim_users/)
  assert.equal((await sendWith(server, directory().token)('GET', `/Users/${id}`)).body.title, undefined)
})
