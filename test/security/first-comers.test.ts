// Of many who come for one account at once, one has it (security rules 5 and 11).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer, untilFree } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({
    env: { GOTRUE_MAILER_AUTOCONFIRM: 'true', GOTRUE_API_MAX_REQUEST_DURATION: '60s' },
    pool: 20,
  })
})
after(() => server.close())

test('an address that waits unconfirmed is taken by one of many sign-ups, with their password and session alone', async () => {
  for (let round = 0; round < 2; round++) {
    const email = `waits${round}@example.com`
    await server.user({ email })
    // As somebody left it before addresses were confirmed at once.
    await server.sql('update auth.users set email_confirmed_at = null where email = $1', [email])
    await server.sql('delete from auth.sessions where user_id = (select id from auth.users where email = $1)', [email])
    await server.sql(
      'delete from postern.pending_credentials where user_id = (select id from auth.users where email = $1)',
      [email],
    )
    const passwords = Array.from({ length: 8 }, (_, i) => `password number ${i} of all`)
    const sign = (password: string) => server.request('POST', '/signup', { body: { email, password } })
    const answers = await Promise.all(passwords.map((password) => untilFree(() => sign(password))))
    const winners = passwords.filter((_, i) => answers[i]?.status === 200)
    assert.equal(winners.length, 1, answers.map(({ status }) => status).join(' '))
    assert.ok(answers.every(({ status, body }) => status === 200 || body.error_code === 'user_already_exists'))
    const sessions = await server.sql(
      'select id from auth.sessions where user_id = (select id from auth.users where email = $1)',
      [email],
    )
    assert.equal(sessions.length, 1)
    const body = { email, password: winners[0] }
    assert.equal((await untilFree(() => server.request('POST', '/token?grant_type=password', { body }))).status, 200)
  }
})
