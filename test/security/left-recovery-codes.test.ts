// Recovery codes stand beside a factor: those that somebody left on an account open nothing later (security REV-05).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ownerOfApp, showApp, signInAgain } from '../support/second-factors.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.close())

test('recovery codes that were left from before do not come back with the first verified factor', async () => {
  const owner = await ownerOfApp(server)
  const made = await server.request('POST', '/factors/recovery-codes', { token: owner.token })
  assert.equal(made.status, 200, made.text)
  // As by SQL, or by whoever proves the address of an account that somebody else had prepared.
  await server.sql('delete from auth.mfa_factors where user_id = $1', [owner.person.user.id])
  const { body } = await signInAgain(server, owner.person)
  const token = String(body.access_token)
  const enrolled = await server.request('POST', '/factors', {
    token,
    body: { factor_type: 'totp', friendly_name: 'new' },
  })
  const app = { factor_id: String(enrolled.body.id), secret: String(Object(enrolled.body.totp).secret) }
  assert.equal((await showApp(server, token, app)).status, 200)
  const again = String((await signInAgain(server, owner.person)).body.access_token)
  const [code] = made.body.codes as string[]
  const used = await server.request('POST', '/factors/recovery-codes/verify', { token: again, body: { code } })
  assert.deepEqual([used.status, used.body.error_code], [404, 'mfa_factor_not_found'])
})
