// What an application shows once, shown many times together at two servers on one database: it opens one session.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applicationServer, askTokens, exchange, getCode, registerApplication } from '../support/applications.ts'
import { type Servers, startServers, together } from '../support/races.ts'

const device_grant = 'urn:ietf:params:oauth:grant-type:device_code'
const rounds = 5

let servers: Servers
before(async () => {
  servers = await startServers(2, {
    ...applicationServer,
    POSTERN_OAUTH_FEATURES: 'all',
    POSTERN_OAUTH_DEVICE_PATH: '/device',
    GOTRUE_RATE_LIMIT_TOKEN_REFRESH: '100000',
  })
})
after(() => servers.close())

const sessionsOf = (client_id: string) =>
  servers.first.sql('select id from auth.sessions where oauth_client_id = $1', [client_id])

const register = (more: object = {}) =>
  registerApplication(servers.first, { grant_types: ['authorization_code', 'refresh_token', device_grant], ...more })

test('a code of an application opens one session, and none that outlives the second use', async () => {
  const person = await servers.first.user()
  for (let round = 0; round < rounds; round++) {
    const application = await register()
    const given = await getCode(servers.first, application, person)
    const answers = await together(servers, (server) => exchange(server, application, given))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.ok(answers.every(({ status, body }) => status === 200 || body.error === 'invalid_grant'))
    assert.ok((await sessionsOf(application.client_id)).length <= 1)
  }
})

test('a device code opens one session', async () => {
  const { access_token: token } = await servers.first.user()
  for (let round = 0; round < rounds; round++) {
    const { client_id } = await register()
    const asked = await servers.first.request('POST', '/oauth/device_authorization', { form: { client_id } })
    const { user_code, device_code } = asked.body
    await servers.first.request('POST', '/oauth/device/consent', { token, body: { user_code, action: 'approve' } })
    const form = { grant_type: device_grant, client_id, device_code: String(device_code) }
    const answers = await together(servers, (server) => askTokens(server, form))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal((await sessionsOf(client_id)).length, 1)
  }
})

test('a refresh token of an application is swapped once: whoever gets an answer gets the same successor', async () => {
  const person = await servers.first.user()
  for (let round = 0; round < rounds; round++) {
    const application = await register()
    const { client_id } = application
    const { body } = await exchange(servers.first, application, await getCode(servers.first, application, person))
    const form = { grant_type: 'refresh_token', client_id, refresh_token: String(body.refresh_token) }
    const answers = await together(servers, (server) => askTokens(server, form))
    const successors = new Set(
      answers.filter(({ status }) => status === 200).map((answer) => answer.body.refresh_token),
    )
    assert.equal(successors.size, 1)
    const rows = await servers.first.sql(
      `select from auth.refresh_tokens r join auth.sessions s on s.id = r.session_id where s.oauth_client_id = $1`,
      [client_id],
    )
    assert.equal(rows.length, 2, 'the old one and its successor')
  }
})

test('a token that is given back while it is refreshed leaves no session', async () => {
  const person = await servers.first.user()
  for (let round = 0; round < rounds; round++) {
    const application = await register()
    const { client_id } = application
    const { body } = await exchange(servers.first, application, await getCode(servers.first, application, person))
    const refresh_token = String(body.refresh_token)
    await together(servers, (server, i) =>
      i % 2
        ? askTokens(server, { grant_type: 'refresh_token', client_id, refresh_token })
        : server.request('POST', '/oauth/revoke', { form: { client_id, token: refresh_token } }),
    )
    assert.deepEqual(await sessionsOf(client_id), [])
  }
})
