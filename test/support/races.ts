// Races on real PostgreSQL: many requests released together, against one server or two that share a database.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { linkOf } from './mail-sink.ts'
import { type Answer, startTestServer, type TestServer, untilFree } from './server.ts'

/** Two servers on one database; a race on one of them uses the first twice. */
export interface Servers {
  first: TestServer
  all: [TestServer, TestServer]
  close(): Promise<void>
}

const at_once = 20
const password = 'correct horse battery staple'

/** Starts one server, or two on one database. */
export async function startServers(
  count: 1 | 2,
  env: Record<string, string> = {},
  fetch?: typeof globalThis.fetch,
): Promise<Servers> {
  const options = { env, pool: 20, ...(fetch && { fetch }) }
  const first = await startTestServer(options)
  const second = count === 2 ? await startTestServer({ ...options, database: first.database, mail: first.mail }) : first
  return {
    first,
    all: [first, second],
    async close() {
      if (second !== first) await second.close()
      await first.close()
    },
  }
}

/** Releases twenty requests together, half at each server; one that found all cores busy is asked again, as its answer says. */
export async function together(
  servers: Servers,
  request: (server: TestServer, i: number) => Promise<Answer>,
): Promise<Answer[]> {
  const ask = (i: number) => untilFree(() => request(servers.all[i % 2 ? 0 : 1], i))
  return Promise.all(Array.from({ length: at_once }, (_, i) => ask(i)))
}

const count = (answers: Answer[], status: number) => answers.filter((answer) => answer.status === status).length
const sessionsOf = (server: TestServer, email: string) =>
  server.sql('select s.id from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1', [email])
let people = 0
const address = (name: string) => `${name}${++people}@example.com`

async function person(server: TestServer, name: string): Promise<string> {
  const email = address(name)
  await server.request('POST', '/admin/users', { as: 'service_role', body: { email, password, email_confirm: true } })
  return email
}

/** One round of a race; it throws when more or less than one wins. */
export type Race = (servers: Servers) => Promise<void>

/** Races by the id of their case in the security rules. */
export const races: Record<string, Race> = {
  async 'OTT-02 a recovery link opens one session'(servers) {
    const email = await person(servers.first, 'ott02')
    await servers.first.request('POST', '/recover', { body: { email } })
    const link = new URL(linkOf(await servers.first.nextMail(email)))
    const answers = await together(servers, (server) => server.request('GET', link.pathname + link.search))
    const opened = answers.filter(({ location }) => location?.includes('access_token='))
    assert.equal(opened.length, 1)
    for (const { status, location } of answers) {
      assert.equal(status, 303)
      if (!location?.includes('access_token='))
        assert.match(location ?? '', /#error=access_denied&error_code=otp_expired/)
    }
    assert.equal((await sessionsOf(servers.first, email)).length, 1)
  },
  async 'OTT-05 a token hash opens one session'(servers) {
    const email = await person(servers.first, 'ott05')
    await servers.first.request('POST', '/recover', { body: { email } })
    const token_hash = new URL(linkOf(await servers.first.nextMail(email))).searchParams.get('token')
    const answers = await together(servers, (server) =>
      server.request('POST', '/verify', { body: { type: 'recovery', token_hash } }),
    )
    assert.deepEqual([count(answers, 200), count(answers, 403)], [1, at_once - 1])
    assert.equal((await sessionsOf(servers.first, email)).length, 1)
    assert.deepEqual(
      await servers.first.sql(
        'select 1 from auth.one_time_tokens t join auth.users u on u.id = t.user_id where u.email = $1',
        [email],
      ),
      [],
    )
  },
  async 'a sign-up confirmation opens one session'(servers) {
    const email = address('confirm')
    await servers.first.request('POST', '/signup', { body: { email, password } })
    const token_hash = new URL(linkOf(await servers.first.nextMail(email))).searchParams.get('token')
    const answers = await together(servers, (server) =>
      server.request('POST', '/verify', { body: { type: 'signup', token_hash } }),
    )
    assert.deepEqual([count(answers, 200), count(answers, 403)], [1, at_once - 1])
    assert.equal((await sessionsOf(servers.first, email)).length, 1)
  },
  async 'a PKCE code gives one session'(servers) {
    const email = await person(servers.first, 'pkce')
    const code_verifier = randomBytes(32).toString('base64url')
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
    await servers.first.request('POST', '/otp', { body: { email, code_challenge, code_challenge_method: 's256' } })
    const link = new URL(linkOf(await servers.first.nextMail(email)))
    const { location } = await servers.first.request('GET', link.pathname + link.search)
    const auth_code = new URL(location ?? '').searchParams.get('code')
    const answers = await together(servers, (server) =>
      server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } }),
    )
    assert.deepEqual([count(answers, 200), count(answers, 404)], [1, at_once - 1])
    assert.equal((await sessionsOf(servers.first, email)).length, 1)
  },
  async 'REF-06 refreshes of one token give one new token'(servers) {
    const session = await servers.first.user({ email: address('ref06') })
    const body = { refresh_token: session.refresh_token }
    const answers = await together(servers, (server) =>
      server.request('POST', '/token?grant_type=refresh_token', { body }),
    )
    assert.equal(count(answers, 200), at_once)
    assert.equal(new Set(answers.map((answer) => answer.body.refresh_token)).size, 1)
    const active = await servers.first.sql('select 1 from auth.refresh_tokens where user_id = $1 and not revoked', [
      session.user.id,
    ])
    assert.ok(active.length <= 1)
  },
  async 'REF-11 a sign-out everywhere beside refreshes leaves no session'(servers) {
    const session = await servers.first.user({ email: address('ref11') })
    const body = { refresh_token: session.refresh_token }
    await together(servers, (server, i) =>
      i === 7
        ? server.request('POST', '/logout', { token: session.access_token })
        : server.request('POST', '/token?grant_type=refresh_token', { body }),
    )
    assert.deepEqual(await servers.first.sql('select 1 from auth.sessions where user_id = $1', [session.user.id]), [])
    assert.deepEqual(
      await servers.first.sql('select 1 from auth.refresh_tokens where user_id = $1 and not revoked', [
        session.user.id,
      ]),
      [],
    )
  },
  async 'ACC-20 sign-ups of one address make one account'(servers) {
    const email = address('acc20')
    const answers = await together(servers, (server) =>
      server.request('POST', '/signup', { body: { email, password } }),
    )
    assert.equal(count(answers, 200) + count(answers, 429), at_once)
    assert.ok(count(answers, 200) >= 1)
    assert.equal((await servers.first.sql('select 1 from auth.users where email = $1', [email])).length, 1)
    assert.equal((await servers.first.sql('select 1 from auth.identities where email = $1', [email])).length, 1)
  },
  async 'ACC-02 both halves of a change of address at once never end half way without tokens'(servers) {
    const session = await servers.first.user({ email: address('acc02') })
    const email = address('acc02new')
    await servers.first.request('PUT', '/user', { token: session.access_token, body: { email } })
    const links = [
      new URL(linkOf(await servers.first.nextMail(email))),
      new URL(linkOf(await servers.first.nextMail(session.user.email))),
    ]
    await together(servers, (server, i) => {
      const link = links[i % 2] ?? new URL('http://x')
      return server.request('GET', link.pathname + link.search)
    })
    const [row] = await servers.first.sql<{ email: string; status: number; tokens: number }>(
      `select email, email_change_confirm_status as status,
          (select count(*)::int from auth.one_time_tokens t where t.user_id = u.id) as tokens from auth.users u where id = $1`,
      [session.user.id],
    )
    assert.deepEqual(row, { email, status: 0, tokens: 0 })
  },
  async 'ADM-04 deleting an account beside refreshes and links leaves nothing of it'(servers) {
    const session = await servers.first.user({ email: address('adm04') })
    const body = { refresh_token: session.refresh_token }
    await together(servers, (server, i) => {
      if (i === 9) return server.request('DELETE', `/admin/users/${session.user.id}`, { as: 'service_role' })
      if (i % 2) return server.request('POST', '/recover', { body: { email: session.user.email } })
      return server.request('POST', '/token?grant_type=refresh_token', { body })
    })
    for (const table of ['sessions', 'identities', 'one_time_tokens', 'mfa_factors'])
      assert.deepEqual(
        await servers.first.sql(`select 1 from auth.${table} where user_id = $1`, [session.user.id]),
        [],
        table,
      )
  },
}

/** Races that need a pause of a minute between two mails of a kind. */
export const frequencyRaces: Record<string, Race> = {
  async 'OTP-06 twenty recoveries at once send one mail'(servers) {
    const email = await person(servers.first, 'otp06')
    const answers = await together(servers, (server) => server.request('POST', '/recover', { body: { email } }))
    assert.deepEqual([count(answers, 200), count(answers, 429)], [1, at_once - 1])
    await servers.first.nextMail(email)
    // Either server may send.
    for (const server of servers.all) await server.auth.idle()
    assert.equal(servers.first.mail.mails.filter((mail) => mail.to.includes(email)).length, 1)
    assert.equal(
      (
        await servers.first.sql(
          'select 1 from auth.one_time_tokens t join auth.users u on u.id = t.user_id where u.email = $1',
          [email],
        )
      ).length,
      1,
    )
  },
}

/** Races with refresh tokens that carry a counter. */
export const signedRaces: Record<string, Race> = {
  async 'REF-03 refreshes of one signed token move its counter by one'(servers) {
    const session = await servers.first.user({ email: address('ref03') })
    const body = { refresh_token: session.refresh_token }
    const answers = await together(servers, (server) =>
      server.request('POST', '/token?grant_type=refresh_token', { body }),
    )
    assert.equal(count(answers, 200), at_once)
    assert.equal(new Set(answers.map((answer) => answer.body.refresh_token)).size, 1)
    const [row] = await servers.first.sql(
      'select refresh_token_counter as counter from auth.sessions where user_id = $1',
      [session.user.id],
    )
    assert.deepEqual(row, { counter: 1 })
  },
}

/** Mails that show their code, and a number with a fixed one. */
export const codes = {
  GOTRUE_MAILER_TEMPLATES_MAGIC_LINK: new URL('../fixtures/code.html', import.meta.url).href,
  GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
  GOTRUE_SMS_MAX_FREQUENCY: '1ns',
  GOTRUE_SMS_TEST_OTP: '15550001111:123456',
}

/** Races with codes that people type. */
export const codeRaces: Record<string, Race> = {
  async 'OTT-03 a code of a mail opens one session'(servers) {
    const email = await person(servers.first, 'ott03')
    await servers.first.request('POST', '/otp', { body: { email } })
    const token = /Code: (\d{6})/.exec((await servers.first.nextMail(email)).html)?.[1]
    const answers = await together(servers, (server) =>
      server.request('POST', '/verify', { body: { type: 'email', email, token } }),
    )
    assert.deepEqual([count(answers, 200), count(answers, 403)], [1, at_once - 1])
    assert.equal((await sessionsOf(servers.first, email)).length, 1)
  },
  async 'OTT-04 a code of a message opens one session'(servers) {
    const phone = '15550001111'
    await servers.first.sql('delete from auth.users where phone = $1', [phone])
    await servers.first.sql('delete from postern.attempts')
    await servers.first.request('POST', '/otp', { body: { phone } })
    const answers = await together(servers, (server) =>
      server.request('POST', '/verify', { body: { type: 'sms', phone, token: '123456' } }),
    )
    assert.deepEqual([count(answers, 200), count(answers, 403)], [1, at_once - 1])
    const rows = await servers.first.sql(
      'select 1 from auth.sessions s join auth.users u on u.id = s.user_id where u.phone = $1',
      [phone],
    )
    assert.equal(rows.length, 1)
  },
}
