// The console and second factors: a stolen password of an operator opens no more there than with the API.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { consoleEnv } from '../support/console.ts'
import { ownerOfApp, signInAgain } from '../support/second-factors.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'
import { newVisitor, signInToPages } from '../support/visitor.ts'

const id = '0d0f6ea1-6a0a-4c5b-9d57-1d1ad0f5a6c1'
let server: TestServer
let strict: TestServer
before(async () => {
  server = await startTestServer({ env: consoleEnv })
  const { database, mail } = server
  const env = { ...consoleEnv, POSTERN_MFA_REQUIRED: 'admins', POSTERN_CONSOLE_ADMINS: id }
  strict = await startTestServer({ env, database, mail })
})
after(async () => {
  await strict.close()
  await server.close()
})

/** What a browser sees of the console that has a session of the pages by this token. */
async function consoleOf(on: TestServer, access_token: string): Promise<Answer> {
  const visitor = newVisitor(on)
  await signInToPages(on, visitor, { access_token })
  return visitor.get('/console/people')
}

test('an operator who has a second factor shows it before the console opens', async () => {
  const owner = await ownerOfApp(server, { email: 'two@example.com', role: 'service_role' })
  const { body } = await signInAgain(server, owner.person)
  const stolen = await consoleOf(server, String(body.access_token))
  assert.match(`${stolen.status} ${stolen.location}`, /^303 \/pages\/second-factor\?redirect_to=%2Fconsole%2Fpeople$/)
  assert.ok(!stolen.text.includes('two@example.com'))
  assert.equal((await consoleOf(server, owner.token)).status, 200)
})

test('with POSTERN_MFA_REQUIRED an operator without a second factor enrols one first, whatever makes them one', async () => {
  const byRole = await strict.user({ role: 'service_role' })
  const sent = await consoleOf(strict, byRole.access_token)
  assert.match(`${sent.status} ${sent.location}`, /^303 \/pages\/account\/factors/)
  const byId = await strict.user({ id })
  const refused = await consoleOf(strict, byId.access_token)
  assert.equal(refused.status, 403)
  assert.match(refused.text, /second step is needed/)
})
