// What a refresh leaves behind, as the reference was seen to do it: entries of the audit log in their order, times, first tokens.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let signed: TestServer
let people = 0

before(async () => {
  server = await startTestServer()
  signed = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: '2' },
  })
})
after(() => server.close())

const refresh = (refresh_token: unknown, on = server) =>
  on.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })

/** The actions of an account from the newest on, as GET /admin/audit reads them back. */
async function actionsOf({ user }: SignedIn): Promise<unknown[]> {
  const { text } = await server.request('GET', '/admin/audit?per_page=200', { as: 'service_role' })
  const entries: { payload: { action: string; actor_id: string } }[] = JSON.parse(text)
  return entries.filter(({ payload }) => payload.actor_id === user.id).map(({ payload }) => payload.action)
}

async function agedPerson(on = server): Promise<SignedIn> {
  const person = await on.user({ email: `refreshing${++people}@example.com` })
  await on.sql(`update auth.users set updated_at = '2020-01-01 00:00:00+00' where id = $1`, [person.user.id])
  return person
}

const updatedAt = async ({ user }: SignedIn) => {
  const [row] = await server.sql<{ old: boolean }>(
    `select updated_at = '2020-01-01 00:00:00+00' as old from auth.users where id = $1`,
    [user.id],
  )
  return row?.old ? 'old' : 'moved'
}

test('a refresh records that it refreshed and then that it revoked, in this order every time', async () => {
  const person = await agedPerson()
  let { refresh_token } = person
  for (let turn = 0; turn < 8; turn++) refresh_token = String((await refresh(refresh_token)).body.refresh_token)
  const expected = Array.from({ length: 8 }, () => ['token_revoked', 'token_refreshed']).flat()
  assert.deepEqual(await actionsOf(person), [...expected, 'login'])
})

test('answering the token in use again records a refresh and no revocation', async () => {
  const person = await agedPerson()
  await refresh(person.refresh_token)
  await refresh(person.refresh_token)
  assert.deepEqual(await actionsOf(person), ['token_refreshed', 'token_revoked', 'token_refreshed', 'login'])
})

test('answering the token in use again is a refresh of its session', async () => {
  const person = await agedPerson()
  await refresh(person.refresh_token)
  await server.sql(`update auth.sessions set refreshed_at = '2020-01-01' where user_id = $1`, [person.user.id])
  await refresh(person.refresh_token)
  assert.deepEqual(await refreshedOf(person), [{ refreshed: true }])
})

const refreshedOf = ({ user }: SignedIn) =>
  server.sql(`select refreshed_at > '2021-01-01' as refreshed from auth.sessions where user_id = $1`, [user.id])

/** Enrols an app in the session of somebody, and shows it there. */
async function showFactor({ access_token: token }: SignedIn, on = server): Promise<void> {
  const enrolled = await on.request('POST', '/factors', { token, body: { factor_type: 'totp' } })
  const { secret } = enrolled.body.totp as { secret: string }
  const address = '10.9.9.9'
  const challenge = await on.request('POST', `/factors/${enrolled.body.id}/challenge`, { token, address })
  const body = { challenge_id: challenge.body.id, code: totpCode(secret, Date.now() / 1000) }
  const verified = await on.request('POST', `/factors/${enrolled.body.id}/verify`, { token, body, address })
  assert.equal(verified.status, 200, verified.text)
}

test('showing a second factor is no refresh of the session, whatever its tokens are', async () => {
  for (const on of [server, signed]) {
    const person = await agedPerson(on)
    await showFactor(person, on)
    assert.deepEqual(await refreshedOf(person), [{ refreshed: null }])
  }
})

test('showing a second factor records that the refresh token was revoked', async () => {
  const person = await agedPerson()
  await showFactor(person)
  assert.deepEqual(await actionsOf(person), [
    'token_revoked',
    'verification_attempted',
    'challenge_created',
    'factor_in_progress',
    'login',
  ])
  assert.equal(await updatedAt(person), 'moved')
})

test('a refresh moves updated_at of the account, in its row and its answer', async () => {
  const person = await agedPerson()
  const { body } = await refresh(person.refresh_token)
  assert.equal(await updatedAt(person), 'moved')
  assert.notEqual((body.user as { updated_at: string }).updated_at.slice(0, 4), '2020')
  assert.equal((body.user as { last_sign_in_at: string }).last_sign_in_at, person.user.last_sign_in_at)
})

test('a refresh that stores no new token leaves updated_at where it was', async () => {
  const person = await agedPerson(signed)
  const { status } = await refresh(person.refresh_token, signed)
  assert.equal(status, 200)
  assert.equal(await updatedAt(person), 'old')
})

test('a refresh waits for nobody who is changing the account', async () => {
  const person = await agedPerson()
  const answer = await server.database.db.transaction(async (tx) => {
    await tx.query('select from auth.users where id = $1 for update', [person.user.id])
    return refresh(person.refresh_token)
  })
  assert.equal(answer.status, 200, answer.text)
})

test('the first token of a session has no parent, the second has the first', async () => {
  const person = await agedPerson()
  await refresh(person.refresh_token)
  const rows = await server.sql('select parent from auth.refresh_tokens where user_id = $1 order by id', [
    person.user.id,
  ])
  assert.deepEqual(rows, [{ parent: null }, { parent: person.refresh_token }])
})

test('factors are shown in the order of their last change', async () => {
  const { user, access_token } = await server.user()
  const add = (friendly_name: string) =>
    server.request('POST', '/factors', { token: access_token, body: { factor_type: 'totp', friendly_name } })
  const first = await add('first')
  await add('second')
  const shown = async () => {
    const { body } = await server.request('GET', '/user', { token: access_token })
    return (body.factors as { friendly_name: string }[]).map(({ friendly_name }) => friendly_name)
  }
  assert.deepEqual(await shown(), ['first', 'second'])
  await server.request('PUT', `/admin/users/${user.id}/factors/${first.body.id}`, {
    as: 'service_role',
    body: { friendly_name: 'renamed' },
  })
  assert.deepEqual(await shown(), ['second', 'renamed'])
})
