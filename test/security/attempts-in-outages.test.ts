// Budgets of attempts while something is away: a right secret is not counted as a wrong one, and a wrong one counts all the same.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, codeTemplates, wrong } from '../support/cases.ts'
import { json, listen, secret } from '../support/hook-receiver.ts'
import { until } from '../support/process.ts'
import { ownerOfApp, password, showApp } from '../support/second-factors.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let isAway = false
before(async () => {
  const { uri } = await listen((response) => json({ decision: 'continue' }, isAway ? 500 : 200)(response))
  const hook = (name: string) => ({
    [`GOTRUE_HOOK_${name}_ENABLED`]: 'true',
    [`GOTRUE_HOOK_${name}_URI`]: uri,
    [`GOTRUE_HOOK_${name}_SECRETS`]: secret,
  })
  server = await startTestServer({
    env: {
      ...codeTemplates,
      ...hook('PASSWORD_VERIFICATION_ATTEMPT'),
      ...hook('MFA_VERIFICATION_ATTEMPT'),
      GOTRUE_MFA_RECOVERY_CODES_ENROLL_ENABLED: 'true',
      GOTRUE_MFA_RECOVERY_CODES_VERIFY_ENABLED: 'true',
    },
  })
})
after(() => server.close())

/** Attempts that count against somebody, by scope. */
async function counted(): Promise<Record<string, number>> {
  const rows = await server.sql<{ scope: string; count: number }>(
    "select scope, sum(count)::int as count from postern.attempts where scope <> 'login_failed' and count > 0 group by scope",
  )
  return Object.fromEntries(rows.map(({ scope, count }) => [scope, count]))
}
const forgetAll = () => server.sql('delete from postern.attempts')

/** They are given back beside the answer. */
const untilNoneCount = () => until('no attempt counts', async () => Object.keys(await counted()).length === 0)

async function whileHooksAreAway<T>(work: () => Promise<T>): Promise<T> {
  isAway = true
  return work().finally(() => {
    isAway = false
  })
}

/** Does something that cannot reach a table. */
async function without<T>(table: string, work: () => Promise<T>): Promise<T> {
  const [, name] = table.split('.')
  await server.sql(`alter table ${table} rename to ${name}_away`)
  return work().finally(() => server.sql(`alter table ${table}_away rename to ${name}`))
}

const signIn = (email: string, given = password) =>
  server.request('POST', '/token?grant_type=password', { body: { email, password: given } })

test('a right password is not counted while its hook is away, and a wrong one is', async () => {
  const { user } = await server.user({ password })
  await forgetAll()
  assert.equal((await whileHooksAreAway(() => signIn(user.email))).status, 500)
  await untilNoneCount()
  assert.equal((await whileHooksAreAway(() => signIn(user.email, 'wrong'))).body.error_code, 'invalid_credentials')
  assert.equal((await signIn(user.email, 'wrong')).body.error_code, 'invalid_credentials')
  assert.equal((await signIn(user.email)).status, 200)
  assert.deepEqual(await counted(), { password: 2 })
})

test('a password that an outage of the database kept from being compared, or from a session, is not counted', async () => {
  const { user } = await server.user({ password })
  await forgetAll()
  for (const table of ['auth.users', 'auth.sessions']) {
    const answer = await without(table, () => signIn(user.email))
    assert.equal(answer.status, 500, answer.text)
    await untilNoneCount()
  }
  // What is known to be wrong needs no session.
  await without('auth.sessions', () => signIn(user.email, 'wrong'))
  assert.deepEqual(await counted(), { password: 1 })
})

test('a right code of an app is not counted while its hook is away, against factor and account, and a wrong one is', async () => {
  const app = await ownerOfApp(server)
  await forgetAll()
  const token = app.token
  // The code of this time step was used.
  assert.equal((await whileHooksAreAway(() => showApp(server, token, app, {}, 1))).status, 500)
  await untilNoneCount()
  assert.equal((await whileHooksAreAway(() => showApp(server, token, app, { code: '000000' }))).status, 500)
  assert.deepEqual(await counted(), { mfa_totp: 1, mfa_account: 1 })
})

test('a code of a mail that could not be looked up is not counted, and works afterwards', async () => {
  const { user } = await server.user({ password })
  await server.request('POST', '/otp', { body: { email: user.email } })
  const token = codeOf((await server.nextMail(user.email)).html)
  const verify = (code: string) =>
    server.request('POST', '/verify', { body: { type: 'email', email: user.email, token: code } })
  await forgetAll()
  assert.equal((await without('auth.users', () => verify(token))).status, 500)
  await untilNoneCount()
  assert.equal((await verify(wrong(token))).body.error_code, 'otp_expired')
  assert.deepEqual(await counted(), { email_otp: 1, email_otp_code: 1 })
  assert.equal((await verify(token)).status, 200)
})

test('a recovery code that could not be looked up is not counted, and works afterwards', async () => {
  const { token } = await ownerOfApp(server)
  const made = await server.request('POST', '/factors/recovery-codes', { token, body: {} })
  const [code] = made.body.codes as string[]
  const verify = () => server.request('POST', '/factors/recovery-codes/verify', { token, body: { code } })
  await forgetAll()
  assert.equal((await without('postern.recovery_codes', verify)).status, 500)
  await untilNoneCount()
  assert.equal((await verify()).status, 200)
})
