// Servers whose clocks differ: what is stored is judged by the database's clock alone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

const ahead_ms = 300_000
const code = new URL('../fixtures/code.html', import.meta.url).href
const env = {
  GOTRUE_MAILER_OTP_EXP: '60',
  GOTRUE_SESSIONS_TIMEBOX: '2m',
  GOTRUE_SESSIONS_INACTIVITY_TIMEOUT: '2m',
  GOTRUE_MAILER_TEMPLATES_RECOVERY: code,
}
let right: TestServer
let ahead: TestServer

before(async () => {
  right = await startTestServer({ env })
  ahead = await startTestServer({ env, database: right.database, mail: right.mail, now: () => Date.now() + ahead_ms })
})
after(async () => {
  await ahead.close()
  await right.close()
})

for (const [title, from, to] of [
  ['five minutes ahead', () => right, () => ahead],
  ['five minutes behind', () => ahead, () => right],
] as const) {
  test(`FLT-10 a code is good at a server that is ${title}, within its minute and not after`, async () => {
    const { user } = await right.user({ email: `code-${title.replaceAll(' ', '-')}@example.com` })
    const ask = async () => {
      await from().request('POST', '/recover', { body: { email: user.email } })
      return /Code: (\d{6})/.exec((await right.nextMail(user.email)).html)?.[1]
    }
    const verify = (token?: string) =>
      to().request('POST', '/verify', { body: { type: 'recovery', email: user.email, token } })
    assert.equal((await verify(await ask())).status, 200)
    const late = await ask()
    await right.sql(`update auth.users set recovery_sent_at = recovery_sent_at - interval '61 seconds' where id = $1`, [
      user.id,
    ])
    assert.equal((await verify(late)).body.error_code, 'otp_expired')
  })

  test(`FLT-10 a session is refreshed at a server that is ${title}, within its time box and not after`, async () => {
    const session = await from().user({ email: `box-${title.replaceAll(' ', '-')}@example.com` })
    const refresh = (refresh_token: unknown) =>
      to().request('POST', '/token?grant_type=refresh_token', { body: { refresh_token } })
    const refreshed = await refresh(session.refresh_token)
    assert.equal(refreshed.status, 200, refreshed.text)
    await right.sql(`update auth.sessions set created_at = created_at - interval '121 seconds' where user_id = $1`, [
      session.user.id,
    ])
    assert.equal((await refresh(refreshed.body.refresh_token)).body.error_code, 'session_expired')
  })

  test(`FLT-10 an administrator's session is judged alike at a server that is ${title}`, async () => {
    const { user } = await right.user({ email: `admin-${title.replaceAll(' ', '-')}@example.com` })
    await right.sql(`update auth.users set role = 'service_role' where id = $1`, [user.id])
    const { body } = await from().request('POST', '/token?grant_type=password', {
      body: { email: user.email, password: 'correct horse battery staple' },
    })
    const token = String(body.access_token)
    assert.equal((await to().request('GET', '/admin/users?per_page=1', { token })).status, 200)
    await right.sql(`update auth.sessions set created_at = created_at - interval '121 seconds' where user_id = $1`, [
      user.id,
    ])
    assert.equal((await to().request('GET', '/admin/users?per_page=1', { token })).body.error_code, 'session_expired')
  })
}
