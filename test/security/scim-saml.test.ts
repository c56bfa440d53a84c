// The first SAML sign-in of somebody whom their company has provisioned: the same account, and never one of somebody else.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { samlEnv } from '../support/saml-provider.ts'
import { type Connected, connect, fragmentOf, signIn } from '../support/saml-sign-in.ts'
import { patch, type Send, sendWith, startScimServer } from '../support/scim.ts'
import { claimsOf, type TestServer } from '../support/server.ts'

let server: TestServer
let idp: Connected
let [send, sendOther]: Send[] = []
before(async () => {
  server = await startScimServer(samlEnv)
  idp = await connect(server)
  ;[send, sendOther] = [await directoryOf(idp), await directoryOf(await connect(server))]
})
after(() => server.close())

async function directoryOf({ id }: Connected): Promise<Send> {
  const made = await server.request('POST', `/admin/sso/providers/${id}/scim_tokens`, {
    as: 'service_role',
    body: { name: 'directory' },
  })
  return sendWith(server, String(made.body.token))
}

const provision = async (by: Send | undefined, body: object) => String((await by?.('POST', '/Users', body))?.body.id)
const emailOf = (email: string) => ({ attributes: { email } })
const enter = async (name_id: string, email: string) =>
  signIn(server, idp, { name_id, name_format: 'persistent', ...emailOf(email) })
const subjectOf = (answer: Awaited<ReturnType<typeof enter>>) =>
  claimsOf(fragmentOf(answer).get('access_token') ?? '..').sub

for (const [what, user, name_id] of [
  ['the name to sign in with', { userName: 'ann@saml.example' }, 'ann@saml.example'],
  ['that name in another case', { userName: 'Ben@Saml.example' }, 'ben@saml.example'],
  ['the id in the directory', { userName: 'cat@saml.example', externalId: 'object-cat' }, 'object-cat'],
] as const)
  test(`an assertion with ${what} signs in to the provisioned account, with its groups`, async () => {
    const id = await provision(send, user)
    await send?.('POST', '/Groups', { displayName: name_id, members: [{ value: id }] })
    const answer = await enter(name_id, 'another@address.example')
    assert.equal(subjectOf(answer), id, String(answer.location))
    const { app_metadata } = claimsOf(fragmentOf(answer).get('access_token') ?? '')
    assert.deepEqual([app_metadata.provider, app_metadata.groups], [`sso:${idp.id}`, [name_id]])
    assert.equal(subjectOf(await enter(name_id, 'another@address.example')), id)
  })

test('what another provider provisions is no account of this one, whatever its names', async () => {
  const theirs = await provision(sendOther, { userName: 'dan@saml.example', externalId: 'object-dan' })
  for (const name_id of ['dan@saml.example', 'object-dan'])
    assert.notEqual(subjectOf(await enter(name_id, 'dan@saml.example')), theirs)
})

test('no user has for a name what is the id of another in the directory, nor the reverse', async () => {
  const victim = await provision(send, { userName: 'eve@saml.example', externalId: 'object-eve' })
  const other = await provision(send, { userName: 'mallory@saml.example' })
  for (const body of [{ userName: 'object-eve' }, { userName: 'x@saml.example', externalId: 'EVE@saml.example' }]) {
    const made = await send?.('POST', '/Users', body)
    assert.deepEqual([made?.status, made?.body.scimType], [409, 'uniqueness'])
    const renamed = await send?.('PATCH', `/Users/${other}`, patch({ op: 'replace', value: body }))
    assert.deepEqual([renamed?.status, renamed?.body.scimType], [409, 'uniqueness'])
  }
  for (const name_id of ['object-eve', 'eve@saml.example'])
    assert.equal(subjectOf(await enter(name_id, 'eve@saml.example')), victim)
})

test('who is deactivated is not signed in, and who comes back is, with the account and none of the old sessions', async () => {
  const id = await provision(send, { userName: 'fay@saml.example' })
  assert.equal(subjectOf(await enter('fay@saml.example', 'fay@saml.example')), id)
  const set = (active: boolean) => send?.('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active } }))
  await set(false)
  const refused = await enter('fay@saml.example', 'fay@saml.example')
  assert.match(String(refused.location), /error_code=user_banned/)
  await set(true)
  assert.deepEqual(await server.sql('select from auth.sessions where user_id = $1', [id]), [])
  assert.equal(subjectOf(await enter('fay@saml.example', 'fay@saml.example')), id)
})

test('who signed in first is the user that the directory adds later', async () => {
  const id = subjectOf(await enter('gus@saml.example', 'gus@saml.example'))
  assert.equal(await provision(send, { userName: 'gus@saml.example', displayName: 'Gus' }), id)
  const [row] = await server.sql('select raw_user_meta_data from auth.users where id = $1', [id])
  assert.equal(Object(row?.raw_user_meta_data).full_name, 'Gus')
})

test('of a first sign-in and a provisioning at once comes one account', async () => {
  for (let turn = 0; turn < 8; turn++) {
    const name = `race${turn}@saml.example`
    const [answer, id] = await Promise.all([enter(name, name), provision(send, { userName: name })])
    const found = await server.sql('select id from auth.users where email = $1', [name])
    assert.deepEqual([found, subjectOf(answer)], [[{ id }], id])
  }
})
