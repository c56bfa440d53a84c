// Cases of the security rules about passwords: which are taken, who may set them, how often they can be guessed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates, refusal, wrong } from '../support/cases.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { until } from '../support/process.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

const password = 'correct horse battery staple'
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({ env: codeTemplates })
})
after(() => server.close())

const address = (name: string) => `${name}${++people}@example.com`

const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })

test('PWD-02 passwords over 72 bytes are refused where they are set', async () => {
  const session = await server.user({ email: address('pwd02') })
  for (const long of ['a'.repeat(73), '€'.repeat(25)]) {
    assert.equal(
      refusal(await server.request('POST', '/signup', { body: { email: address('pwd02'), password: long } })),
      '400 validation_failed',
    )
    const changed = await server.request('PUT', '/user', { token: session.access_token, body: { password: long } })
    assert.equal(refusal(changed), '400 validation_failed')
  }
})

test('PWD-05 hashes that cost minutes are refused when they are imported', async () => {
  const hashes = [
    '$2a$31$W07sXk7wZUDsW0Sra0Dqb..54sgN2cqX.0kKLyiEYbyHvBdlQ4Dc.',
    '$argon2id$v=19$m=1048576,t=1000,p=1$Y29uZm9ybWFuY2Utc2FsdA$R4bb37dPfamYpVun4+TS1jTTTkC+F8c8BdnHxbv+E2U',
    '$fbscrypt$v=1,n=31,r=8,p=1,ss=Bw==,sk=b2k=$Y29uZm9ybWFuY2U=$b2k=',
  ]
  for (const password_hash of hashes) {
    const { process_ms } = await cpuTime(async () => {
      const response = await server.request('POST', '/admin/users', {
        as: 'service_role',
        body: { email: address('pwd05'), password_hash },
      })
      assert.equal(refusal(response), '400 validation_failed', response.text)
    })
    assert.ok(process_ms < 2000, `${process_ms} ms`)
  }
})

test('PWD-08 a new password needs the current one where that is configured, and guesses are counted', async () => {
  const strict = await startTestServer({
    env: { ...codeTemplates, GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD: 'true' },
  })
  try {
    const session = await strict.user({ email: address('pwd08') })
    const change = (current_password?: string) =>
      strict.request('PUT', '/user', {
        token: session.access_token,
        body: { password: `new ${password}`, current_password },
      })
    assert.equal(refusal(await change()), '400 current_password_required')
    assert.equal(refusal(await change('wrong')), '400 current_password_invalid')
    const all = await Promise.all(Array.from({ length: 35 }, () => change('wrong')))
    assert.ok(all.some((response) => refusal(response) === '429 over_request_rate_limit'))
  } finally {
    await strict.close()
  }
})

test('PWD-09 the same, an empty and a short password are refused with reasons', async () => {
  const session = await server.user({ email: address('pwd09') })
  const change = (given: string) =>
    server.request('PUT', '/user', { token: session.access_token, body: { password: given } })
  assert.equal(refusal(await change(password)), '422 same_password')
  for (const weak of ['', '12345']) {
    const response = await change(weak)
    assert.equal(refusal(response), '422 weak_password')
    assert.deepEqual(response.body.weak_password, { reasons: ['length'] })
  }
})

test('PWD-10 an account is guessed at a hundred times an hour from however many addresses, and its owner gets in after', async () => {
  const { user } = await server.user({ email: address('pwd10') })
  const answers = []
  for (let i = 0; i < 102; i++) answers.push(await signIn(user.email, `wrong ${i}`))
  const refused = answers.filter(({ status }) => status === 429)
  assert.ok(refused.length >= 1)
  assert.ok(Number(refused[0]?.headers.get('retry-after')) > 0)
  await server.sql("update postern.attempts set window_start = now() - interval '61 minutes'")
  assert.equal((await signIn(user.email)).status, 200)
})

test('PWD-12 while the list of breached passwords is out of reach, sign-up fails closed or open as configured', async () => {
  const unreachable = async () => {
    throw new TypeError('fetch failed')
  }
  for (const [closed, status] of [
    ['true', 503],
    ['false', 200],
  ] as const) {
    const checked = await startTestServer({
      env: { GOTRUE_PASSWORD_HIBP_ENABLED: 'true', GOTRUE_PASSWORD_HIBP_FAIL_CLOSED: closed },
      fetch: unreachable,
    })
    try {
      const email = address('pwd12')
      const response = await checked.request('POST', '/signup', { body: { email, password } })
      assert.equal(response.status, status, response.text)
      assert.equal(response.headers.has('retry-after'), status === 503)
      assert.equal(
        (await checked.sql('select 1 from auth.users where email = $1', [email])).length,
        status === 200 ? 1 : 0,
      )
    } finally {
      await checked.close()
    }
  }
})

test('PWD-07 an old session changes its password with the nonce of a mail only, once however often at once', async () => {
  const careful = await startTestServer({
    env: { ...codeTemplates, GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION: 'true' },
  })
  try {
    const { user, access_token: token } = await careful.user({ email: address('pwd07') })
    await careful.sql(`update auth.sessions set created_at = now() - interval '25 hours' where user_id = $1`, [user.id])
    const change = (to: string, nonce?: string) =>
      careful.request('PUT', '/user', { token, body: { password: to, ...(nonce !== undefined && { nonce }) } })
    const hash = async () =>
      (await careful.sql('select encrypted_password from auth.users where id = $1', [user.id]))[0]?.encrypted_password
    const before = await hash()
    assert.equal(refusal(await change('another horse 0')), '400 reauthentication_needed')
    await careful.request('GET', '/reauthenticate', { token })
    const nonce = codeOf((await careful.nextMail(user.email)).html)
    const other = wrong(nonce)
    assert.equal(refusal(await change('another horse 0', other)), '422 reauthentication_not_valid')
    assert.equal(await hash(), before)
    const answers = await Promise.all([1, 2, 3, 4, 5].map((i) => change(`another horse ${i}`, nonce)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422, 422, 422, 422])
    const winner = answers.findIndex(({ status }) => status === 200) + 1
    const body = { email: user.email, password: `another horse ${winner}` }
    assert.equal((await careful.request('POST', '/token?grant_type=password', { body })).status, 200)
    let refused = ''
    for (let i = 0; i < 11; i++) refused = refusal(await change('another horse 9', other))
    assert.equal(refused, '429 over_request_rate_limit', 'nonces are guessed within a budget')
  } finally {
    await careful.close()
  }
})

/** What a sign-in is told that waits to open its session while something happens to the account. */
async function signInDuring(user_id: string, ask: () => Promise<Answer>, sql: string): Promise<string> {
  const waiting = await server.database.db.transaction(async (tx) => {
    const [own] = await tx.query<{ pid: number }>(
      'select pg_backend_pid() as pid from auth.users where id = $1 for update',
      [user_id],
    )
    const answer = ask().then(refusal)
    await until('the sign-in waits', async () => {
      const waiting = await server.sql(
        'select from pg_stat_activity where datname = current_database() and $1 = any (pg_blocking_pids(pid))',
        [own?.pid ?? 0],
      )
      return waiting.length > 0
    })
    await tx.query(sql, [user_id])
    await tx.query('delete from auth.sessions where user_id = $1', [user_id])
    return { answer }
  })
  return waiting.answer
}

const sessionsOf = (user_id: string) => server.sql('select id from auth.sessions where user_id = $1', [user_id])
const ban = `update auth.users set banned_until = now() + interval '1 day' where id = $1`

test('a password that is changed while it is checked opens no session', async () => {
  const email = address('during')
  const { id } = (await server.user({ email, password })).user
  const own = `select encrypted_password as hash from auth.users where id = '${id}'`
  const [before] = await server.sql<{ hash: string }>(own)
  const other = '$2a$10$W07sXk7wZUDsW0Sra0Dqb..54sgN2cqX.0kKLyiEYbyHvBdlQ4Dc.'
  const change = (to: string) => `update auth.users set encrypted_password = ${to} where id = $1`
  assert.equal(await signInDuring(id, () => signIn(email), change(`'${other}'`)), '400 invalid_credentials')
  assert.deepEqual(await sessionsOf(id), [])
  await server.sql(change('$2'), [id, String(before?.hash)])
  // The same password in another form is still the password.
  const rehash = change(`replace(encrypted_password, '$2a$', '$2b$')`)
  assert.equal(await signInDuring(id, () => signIn(email), rehash), '200 undefined')
  assert.equal((await sessionsOf(id)).length, 1)
})

test('an account that is banned while its password or code is checked opens no session', async () => {
  const email = address('banned')
  const { id } = (await server.user({ email, password })).user
  assert.equal(await signInDuring(id, () => signIn(email), ban), '403 user_banned')
  await server.sql('update auth.users set banned_until = null where id = $1', [id])
  await server.request('POST', '/otp', { body: { email } })
  const token = codeOf((await server.nextMail(email)).html)
  const verify = () => server.request('POST', '/verify', { body: { type: 'email', email, token } })
  assert.equal(await signInDuring(id, verify, ban), '403 user_banned')
  assert.deepEqual(await sessionsOf(id), [])
})
