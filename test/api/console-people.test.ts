// What the console does with people: each form is sent as a browser would, and the account, the mails and the log tell.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byConsoleLink, consoleEnv } from '../support/console.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import type { Visitor } from '../support/visitor.ts'

const password = 'correct horse battery staple'
let server: TestServer
let grace: Visitor

before(async () => {
  server = await startTestServer({ env: consoleEnv })
  grace = await byConsoleLink(server)
})
after(() => server.close())

/** Opens the page of a form and sends it. */
async function send(path: string, fields: Record<string, string> = {}) {
  const page = await grace.get(path)
  assert.equal(page.status, 200, page.text)
  return grace.submit(page, path, fields)
}

const account = async (id: string) => (await server.request('GET', `/admin/users/${id}`, { as: 'service_role' })).body
const signIn = (person: SignedIn, secret = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email: person.user.email, password: secret } })

/** Who did what to an account, as the log has it, the latest last. */
const logOf = async (id: string) => {
  const rows = await server.sql<{ payload: { action: string; actor_username: string } }>(
    `select payload from auth.audit_log_entries where payload -> 'traits' ->> 'user_id' = $1 order by created_at`,
    [id],
  )
  return rows.map(({ payload }) => `${payload.actor_username} ${payload.action}`)
}

let people = 0
const person = (more = {}) => server.user({ email: `made${++people}@example.com`, ...more })

test('an account is created as it was filled in, confirmed only where that is ticked', async () => {
  const made = await send('/console/people/new', {
    email: 'New@Example.com',
    phone: '',
    password,
    role: '',
    confirm: 'true',
  })
  const id = made.location?.split('/').at(-1) ?? ''
  const created = await account(id)
  assert.deepEqual([created.email, Boolean(created.email_confirmed_at)], ['new@example.com', true])
  assert.deepEqual(await logOf(id), ['grace user_signedup'])
  const again = await send('/console/people/new', { email: 'new@example.com', phone: '', password, role: '' })
  assert.equal(again.status, 400)
  assert.match(again.text, /value="new@example.com"/)
  assert.ok(!again.text.includes(password))
  const later = await send('/console/people/new', {
    email: 'later@example.com',
    phone: '',
    password: '',
    role: '',
    confirm: '',
  })
  assert.equal((await account(later.location?.split('/').at(-1) ?? '')).email_confirmed_at, undefined)
})

test('an invitation is sent, and refused for who is there already', async () => {
  const invited = await send('/console/people/invite', { email: 'guest@example.com' })
  assert.equal(invited.status, 303)
  assert.equal((await server.nextMail('guest@example.com')).subject, "You've been invited")
  const { user } = await person()
  const refused = await send('/console/people/invite', { email: user.email })
  assert.equal(refused.status, 400)
})

test('what is edited is changed, and what is left empty stays', async () => {
  const someone = await person()
  const path = `/console/people/${someone.user.id}/edit`
  const saved = await send(path, { email: 'renamed@example.com', phone: '', password: '', role: 'editor' })
  assert.equal(saved.location, `/console/people/${someone.user.id}`)
  const changed = await account(someone.user.id)
  assert.deepEqual([changed.email, changed.role], ['renamed@example.com', 'editor'])
  assert.equal((await signIn({ ...someone, user: { ...someone.user, email: 'renamed@example.com' } })).status, 200)
  const wrong = await send(path, { email: 'no address', phone: '', password: '', role: 'editor' })
  assert.equal(wrong.status, 400)
  assert.match(wrong.text, /class="notice error summary"/)
})

test('metadata becomes what was written: keys that are gone are removed', async () => {
  const { user } = await person({ user_metadata: { a: 1, b: 2 } })
  const path = `/console/people/${user.id}`
  const page = await grace.get(path)
  const saved = await grace.submit(page, `${path}/metadata`, {
    user_metadata: '{"b": 3, "c": [1]}',
    app_metadata: '{"plan": "pro"}',
  })
  assert.equal(saved.status, 303, saved.text)
  const changed = await account(user.id)
  assert.deepEqual([changed.user_metadata, changed.app_metadata], [{ b: 3, c: [1] }, { plan: 'pro' }])
  for (const text of ['[1]', '"text"', 'null', '{', '']) {
    const refused = await grace.submit(page, `${path}/metadata`, { user_metadata: text, app_metadata: '{}' })
    assert.equal(refused.status, 400, text)
  }
  assert.deepEqual((await account(user.id)).user_metadata, { b: 3, c: [1] })
})

test('an account is confirmed without a mail', async () => {
  const { body } = await server.request('POST', '/admin/users', {
    as: 'service_role',
    body: { email: 'waits@example.com' },
  })
  await send(`/console/people/${body.id}/confirm`)
  assert.ok((await account(String(body.id))).email_confirmed_at)
  const page = await grace.get(`/console/people/${body.id}`)
  assert.doesNotMatch(page.text, />Confirm</)
})

test('a recovery mail is sent, and the log has it as the operator’s doing', async () => {
  const { user } = await person()
  await send(`/console/people/${user.id}/recovery`)
  assert.equal((await server.nextMail(user.email)).subject, 'Reset your password')
  assert.ok((await logOf(user.id)).includes('grace user_recovery_requested'))
})

test('a link is shown once, opens the account, and stands in no address', async () => {
  const { user } = await person()
  const made = await send(`/console/people/${user.id}/link`, { type: 'magiclink', redirect_to: '' })
  assert.equal(made.status, 200)
  const [, link = ''] = /id="link"[^>]*value="([^"]+)"/.exec(made.text) ?? []
  const opened = await server.request('GET', link.replaceAll('&amp;', '&').replace('http://auth.example.test', ''))
  assert.match(opened.location ?? '', /access_token=/)
})

test('a link to the address of somebody of a company is refused where it would open the account of another', async () => {
  const { user } = await person()
  const namesake = await person()
  await server.sql('update auth.users set email = $2, is_sso_user = true where id = $1', [namesake.user.id, user.email])
  const answer = await send(`/console/people/${namesake.user.id}/link`, { type: 'recovery' })
  assert.equal(answer.status, 400)
  assert.match(answer.text, /would open it/)
  assert.doesNotMatch(answer.text, /token=/)
  const ids = [user.id, namesake.user.id]
  const tokens = await server.sql('select from auth.one_time_tokens where user_id in ($1, $2)', ids)
  assert.equal(tokens.length, 0)
})

test('sessions end when somebody is signed out everywhere', async () => {
  const someone = await person()
  await send(`/console/people/${someone.user.id}/sign_out`)
  const refreshed = await server.request('POST', '/token?grant_type=refresh_token', {
    body: { refresh_token: someone.refresh_token },
  })
  assert.equal(refreshed.status, 400)
})

test('a ban keeps its reason, is offered to be undone, and is lifted', async () => {
  const someone = await person()
  const path = `/console/people/${someone.user.id}`
  const banned = await send(`${path}/ban`, { duration: '168h', reason: 'spam' })
  assert.equal(banned.location, path)
  const { banned_until, app_metadata } = await account(someone.user.id)
  const days = (Date.parse(String(banned_until)) - Date.now()) / 86_400_000
  assert.ok(days > 6.9 && days < 7.1, String(days))
  assert.equal((app_metadata as { ban_reason: string }).ban_reason, 'spam')
  assert.equal((await signIn(someone)).body.error_code, 'user_banned')
  const page = await grace.get(path)
  await grace.submit(page, `${path}/unban`)
  assert.equal((await signIn(someone)).status, 200)
  assert.equal(
    (await account(someone.user.id)).app_metadata && Object((await account(someone.user.id)).app_metadata).ban_reason,
    undefined,
  )
})

test('a soft deletion keeps the id and nothing else, a deletion keeps nothing', async () => {
  const [soft, hard] = [await person(), await person()]
  await send(`/console/people/${soft.user.id}/delete_softly`)
  const [row] = await server.sql<{ email: string; deleted_at: string }>(
    'select email, deleted_at from auth.users where id = $1',
    [soft.user.id],
  )
  assert.ok(row?.deleted_at && row.email !== soft.user.email)
  const gone = await send(`/console/people/${hard.user.id}/delete`)
  assert.equal(gone.location, '/console/people')
  assert.deepEqual(await server.sql('select from auth.users where id = $1', [hard.user.id]), [])
  assert.equal((await grace.get(`/console/people/${hard.user.id}`)).status, 404)
})

test('a session, a factor and an identity are taken away one by one', async () => {
  const someone = await person()
  const path = `/console/people/${someone.user.id}`
  const factor = await server.request('POST', '/factors', {
    token: someone.access_token,
    body: { factor_type: 'totp', friendly_name: 'App' },
  })
  await send(`${path}/factors/${factor.body.id}`)
  assert.deepEqual(await server.sql('select from auth.mfa_factors where user_id = $1', [someone.user.id]), [])
  const [session] = await server.sql<{ id: string }>('select id from auth.sessions where user_id = $1', [
    someone.user.id,
  ])
  await send(`${path}/sessions/${session?.id}`)
  assert.deepEqual(await server.sql('select from auth.sessions where user_id = $1', [someone.user.id]), [])
  const [identity] = await server.sql<{ id: string }>('select id from auth.identities where user_id = $1', [
    someone.user.id,
  ])
  const refused = await send(`${path}/identities/${identity?.id}`)
  assert.equal(refused.status, 400)
  assert.match(refused.text, /single_identity|identity/i)
})

test('several people are banned at once, named before, and unknown ids do no harm', async () => {
  const group = [await person(), await person(), await person()]
  const page = await grace.get('/console/people')
  const token = { _token: /name="_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '' }
  const ids = group.map(({ user }) => user.id)
  const send = (fields: [string, string][]) =>
    server.request('POST', '/console/people/selected', {
      raw: new URLSearchParams([['_token', token._token], ...fields]).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'http://auth.example.test',
        cookie: [...grace.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    })
  const fields = [...ids, 'x', '../../x', '11111111-1111-4111-8111-111111111111'].map((id): [string, string] => [
    'id',
    id,
  ])
  const asked = await send([...fields, ['action', 'ban']])
  for (const { user } of group) assert.ok(asked.text.includes(user.email))
  assert.deepEqual(
    await server.sql('select from auth.users where banned_until is not null and id = any($1::uuid[])', [
      `{${ids.join()}}`,
    ]),
    [],
  )
  const done = await send([...fields, ['action', 'ban'], ['sure', 'true']])
  assert.equal(done.status, 303)
  assert.equal(
    (
      await server.sql('select from auth.users where banned_until > now() and id = any($1::uuid[])', [
        `{${ids.join()}}`,
      ])
    ).length,
    3,
  )
  assert.match(
    (
      await send([
        ['id', 'x'],
        ['action', 'drop'],
        ['sure', 'true'],
      ])
    ).location ?? '',
    /\/console\/people$/,
  )
})

test('the list finds by address, number and id, filters, counts, and leads on by cursor', async () => {
  await server.sql(`insert into auth.users (instance_id, id, aud, role, email, created_at, updated_at, email_confirmed_at, confirmation_token, recovery_token,
      email_change_token_new, email_change) select '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated',
      'many' || i || '@example.com', timestamptz '2020-01-01' + i * interval '1 hour', now(), now(), '', '', '', '' from generate_series(1, 120) i`)
  const until = '/console/people?created_before=2020-02-01'
  const seen = new Set<string>()
  let next: string | null = until
  for (let pages = 0; next && pages < 5; pages++) {
    const { text, status }: { text: string; status: number } = await grace.get(next)
    assert.equal(status, 200)
    for (const [, email = ''] of text.matchAll(/>(many\d+@example\.com)</g)) seen.add(email)
    if (pages === 0) assert.match(text, /120 people found/)
    next = /rel="next" href="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? null
  }
  assert.equal(seen.size, 120)
  const sorted = await grace.get(`${until}&order_by=email+asc`)
  assert.match(sorted.text, /page=2/)
  const { user } = await person({ phone: '15557654321' })
  assert.match((await grace.get('/console/people?q=1555765')).text, new RegExp(user.email))
  assert.equal((await grace.get(`/console/people?q=${user.email}`)).location, `/console/people/${user.id}`)
  assert.equal((await grace.get('/console/people?created_after=yesterday')).status, 400)
  assert.match((await grace.get('/console/people?q=nobody-there')).text, /Nobody fits/)
})
