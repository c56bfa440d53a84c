// Hooks within requests: what a wrong or failing answer leaves behind, and when hooks are called.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

type Payload = Record<string, unknown>

const password = 'correct horse battery staple'
let plain: TestServer
let server: TestServer
const calls: { name: string; payload: Payload }[] = []
let answers: Record<string, (payload: Payload) => Response | Promise<Response>> = {}

const names = [
  'before_user_created',
  'after_user_created',
  'custom_access_token',
  'send_email',
  'password_verification_attempt',
]
/** The hooks' own server: everything passes unless a test says otherwise. */
const hooks = (async (url: string | URL | Request, init?: RequestInit) => {
  const name = new URL(String(url)).pathname.slice(1)
  const payload: Payload = JSON.parse(String(init?.body))
  calls.push({ name, payload })
  const answer = answers[name]
  if (answer) return answer(payload)
  return Response.json(name === 'custom_access_token' ? { claims: payload.claims } : {})
}) as typeof fetch

const hookEnvironment = (origin: string): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => [
      [`GOTRUE_HOOK_${name.toUpperCase()}_ENABLED`, 'true'],
      [`GOTRUE_HOOK_${name.toUpperCase()}_URI`, `${origin}/${name}`],
    ]),
  )

before(async () => {
  plain = await startTestServer()
  server = await startTestServer({
    database: plain.database,
    mail: plain.mail,
    fetch: hooks,
    env: { ...hookEnvironment('https://hooks.example'), GOTRUE_MAILER_NOTIFICATIONS_PASSWORD_CHANGED_ENABLED: 'true' },
  })
})
after(async () => {
  await server.close()
  await plain.close()
})
beforeEach(() => {
  calls.length = 0
  answers = {}
})

let next = 0
const address = () => `hooks${++next}@example.com`
const signUp = (email: string) => server.request('POST', '/signup', { body: { email, password } })
const signIn = (email: string) => server.request('POST', '/token?grant_type=password', { body: { email, password } })
const count = async (text: string, value: string): Promise<number> =>
  (await plain.sql<{ n: number }>(`select count(*) as n from ${text}`, [value]))[0]?.n ?? -1

/** Answers that are wrong whatever the hook, with the status that the request gets. */
const wrong: Record<string, [() => Response, number]> = {
  'status 500': [() => new Response('', { status: 500 }), 500],
  'invalid JSON': [() => new Response('{"error":', { headers: { 'content-type': 'application/json' } }), 500],
  'a list': [() => Response.json([]), 500],
  null: [() => Response.json(null), 500],
  text: [() => Response.json('fine'), 500],
  'another type': [() => new Response('{}', { headers: { 'content-type': 'text/html' } }), 400],
  '300 KB': [() => Response.json({ padding: 'x'.repeat(300 * 1024) }), 422],
  'an error object': [() => Response.json({ error: { http_code: 403, message: 'Not you' } }), 403],
  'an error without a message': [() => Response.json({ error: { http_code: 403 } }), 403],
  'an error that is a text': [() => Response.json({ error: 'no' }), 500],
  'an error that pretends success': [() => Response.json({ error: { http_code: 200, message: 'Not you' } }), 500],
}

for (const [what, [answer, status]] of Object.entries(wrong)) {
  test(`EGR-08: ${what} before a user is created makes no user`, async () => {
    answers.before_user_created = answer
    const email = address()
    assert.equal((await signUp(email)).status, status)
    assert.equal(await count('auth.users where email = $1', email), 0)
  })

  test(`EGR-08: ${what} where a mail is to be sent makes no user and no token`, async () => {
    answers.send_email = answer
    const email = address()
    assert.equal((await signUp(email)).status, status)
    assert.equal(await count('auth.users where email = $1', email), 0)
    assert.equal(await count('auth.one_time_tokens where relates_to = $1', email), 0)
  })

  test(`EGR-08: ${what} where a token is to be signed opens no session`, async () => {
    const { user } = await plain.user({ email: address(), password })
    answers.custom_access_token = answer
    const response = await signIn(user.email)
    assert.equal(response.status, status)
    assert.doesNotMatch(response.text, /access_token/)
    assert.equal(await count('auth.sessions where user_id = $1', user.id), 1)
  })

  test(`EGR-08: ${what} where a password is judged opens no session`, async () => {
    const { user } = await plain.user({ email: address(), password })
    answers.password_verification_attempt = answer
    assert.equal((await signIn(user.email)).status, status)
    assert.equal(await count('auth.sessions where user_id = $1', user.id), 1)
  })
}

const wrongClaims: Record<string, (claims: Payload) => unknown> = {
  'without sub': ({ sub: _sub, ...claims }) => ({ claims }),
  'of 300 KB': (claims) => ({ claims: { ...claims, padding: 'x'.repeat(300 * 1024) } }),
  'that are null': () => ({ claims: null }),
  'that are a list': () => ({ claims: [] }),
  'that are missing': () => ({}),
  'with an exp that is a text': (claims) => ({ claims: { ...claims, exp: '2030' } }),
}
for (const [what, reply] of Object.entries(wrongClaims))
  test(`JWT-17: claims ${what} open no session`, async () => {
    const { user } = await plain.user({ email: address(), password })
    answers.custom_access_token = ({ claims }) => Response.json(reply(claims as Payload))
    const { status, body, text } = await signIn(user.email)
    assert.ok(status === 500 || (status === 422 && body.error_code === 'hook_payload_over_size_limit'), text)
    assert.equal(await count('auth.sessions where user_id = $1', user.id), 1)
  })

const linkFor = async (email: string) =>
  String(
    (
      await plain.request('POST', '/admin/generate_link', {
        as: 'service_role',
        body: { type: 'recovery', email },
      })
    ).body.hashed_token,
  )

test('a token whose session a hook refuses is not consumed, and works once the hook agrees', async () => {
  const { user } = await plain.user({ email: address(), password })
  const token_hash = await linkFor(user.email)
  const verify = () => server.request('POST', '/verify', { body: { type: 'recovery', token_hash } })
  answers.custom_access_token = () => new Response('', { status: 500 })
  assert.equal((await verify()).status, 500)
  assert.equal(await count('auth.one_time_tokens where user_id = $1', user.id), 1)
  answers = {}
  assert.equal((await verify()).status, 200)
  assert.equal((await verify()).body.error_code, 'otp_expired')
})

test('of ten requests with one token that wait for a hook, one opens a session', async () => {
  const { user } = await plain.user({ email: address(), password })
  const token_hash = await linkFor(user.email)
  const verify = () => server.request('POST', '/verify', { body: { type: 'recovery', token_hash } })
  const replies = await Promise.all(Array.from({ length: 10 }, verify))
  assert.equal(replies.filter(({ status }) => status === 200).length, 1)
  assert.equal(await count('auth.sessions where user_id = $1', user.id), 2)
})

test('a refresh that a hook refuses leaves the refresh token as it was', async () => {
  const { refresh_token } = await plain.user({ email: address(), password })
  const refresh = (): Promise<Answer> =>
    server.request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
  answers.custom_access_token = () => Response.json({ error: { http_code: 403, message: 'Not now' } })
  assert.equal((await refresh()).status, 403)
  assert.equal(await count('auth.refresh_tokens where not revoked and token = $1', refresh_token), 1)
  answers = {}
  assert.equal((await refresh()).status, 200)
})

/** How many transactions stay open as long as somebody waits: one that only happens to be between two statements goes on. */
async function heldTransactions(): Promise<number> {
  const open = async () => {
    const rows = await plain.sql<{ id: string }>(
      `select concat(pid, ' ', xact_start) as id from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'`,
    )
    return rows.map(({ id }) => id)
  }
  const end = performance.now() + 3000
  let held = await open()
  while (held.length > 0 && performance.now() < end) {
    const now = await open()
    held = held.filter((id) => now.includes(id))
  }
  return held.length
}

test('no transaction is open while a hook is called over HTTP', async () => {
  const seen: { name: string; held: number }[] = []
  const look = (name: string, reply: (payload: Payload) => object) => async (payload: Payload) => {
    seen.push({ name, held: await heldTransactions() })
    return Response.json(reply(payload))
  }
  for (const name of names)
    answers[name] = look(name, ({ claims }) => (name === 'custom_access_token' ? { claims } : {}))
  const email = address()
  assert.equal((await signUp(email)).status, 200)
  const { user } = await plain.user({ email: address(), password })
  const { body } = await signIn(user.email)
  await server.request('POST', '/recover', { body: { email: user.email } })
  await server.request('PUT', '/user', { token: String(body.access_token), body: { password: `${password} 2` } })
  assert.deepEqual([...new Set(seen.map(({ name }) => name))].sort(), [...names].sort())
  assert.deepEqual(
    seen.filter(({ held }) => held !== 0),
    [],
  )
})

test('a notification that the hook does not take costs no request', async () => {
  const { user } = await plain.user({ email: address(), password })
  const { body } = await signIn(user.email)
  answers.send_email = () => new Response('', { status: 500 })
  const changed = await server.request('PUT', '/user', {
    token: String(body.access_token),
    body: { password: `${password} 3` },
  })
  assert.equal(changed.status, 200)
  const [mail] = calls.filter(({ name }) => name === 'send_email')
  assert.equal(Object(mail?.payload.email_data).email_action_type, 'password_changed_notification')
})

test('a failing hook after creation is answered, but the user stays', async () => {
  const email = address()
  answers.after_user_created = () => new Response('', { status: 500 })
  const { status, body } = await signUp(email)
  assert.equal(status, 500)
  assert.equal(body.msg, 'Error invoking hook')
  assert.equal(await count('auth.users where email = $1', email), 1)
})

test('a hook without TLS needs its host to be allowed by name', async () => {
  const env = hookEnvironment('http://hooks.internal')
  await assert.rejects(startTestServer({ database: plain.database, mail: plain.mail, env }), /GOTRUE_HOOK_\w+_URI/)
  const allowed = await startTestServer({
    database: plain.database,
    mail: plain.mail,
    fetch: hooks,
    env: { ...env, POSTERN_HOOK_ALLOW_HTTP_HOSTS: 'hooks.internal' },
  })
  const { status } = await allowed.request('POST', '/signup', { body: { email: address(), password } })
  assert.equal(status, 200)
  assert.ok(calls.length >= 2)
  await allowed.close()
})
