// Codes of applications and the addresses that they are sent to: what is nearly right is wrong (RFC 9700 §4).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  applicationServer,
  askAuthorization,
  askTokens,
  exchange,
  getCode,
  proofKey,
  redirect_uri,
  registerApplication,
} from '../support/applications.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: applicationServer })
})
after(() => server.close())

test('a code without its verifier, with that of another or with one where none was asked is refused, and stays good', async () => {
  const application = await registerApplication(server)
  const person = await server.user()
  const [given, other] = [await getCode(server, application, person), await getCode(server, application, person)]
  for (const code_verifier of ['', other.code_verifier, proofKey().code_challenge, given.code_verifier.toUpperCase()]) {
    const { status, body } = await exchange(server, application, { ...given, code_verifier })
    assert.deepEqual([status, body.error], [400, 'invalid_grant'], code_verifier)
  }
  assert.equal((await exchange(server, application, given)).status, 200)
  const { client_id } = application
  const without: Record<string, string>[] = [{}, { code_challenge: '', code_challenge_method: '' }]
  for (const query of without) {
    const { location } = await askAuthorization(server, { client_id, redirect_uri, ...query })
    assert.match(location ?? '', /error=invalid_request/, 'no code is given without a challenge')
  }
})

test('an address to return to that is like the registered one is not it', async () => {
  const { client_id } = await registerApplication(server)
  const { code_challenge } = proofKey()
  for (const near of [
    `${redirect_uri}/`,
    `${redirect_uri}?next=1`,
    `${redirect_uri}#part`,
    `${redirect_uri}/../callback`,
    redirect_uri.replace('https:', 'http:'),
    redirect_uri.replace('client.example', 'client.example.evil.example'),
    redirect_uri.replace('client.example', 'client.example@evil.example'),
    redirect_uri.replace('client.example', 'client.example:8443'),
    redirect_uri.replace('client.example', 'CLIENT.example'),
    redirect_uri.replace('callback', '%63allback'),
    `${redirect_uri}%0d%0alocation:%20https://evil.example`,
    `https://evil.example/\\@client.example/callback`,
    ` ${redirect_uri}`,
  ]) {
    const query = { client_id, redirect_uri: near, code_challenge, code_challenge_method: 'S256' }
    const { status, location, body } = await askAuthorization(server, query)
    assert.deepEqual([status, location, body.error_code], [400, null, 'validation_failed'], near)
  }
  const right = { client_id, redirect_uri, code_challenge, code_challenge_method: 'S256' }
  assert.equal((await askAuthorization(server, right)).status, 302)
  const twice = `/oauth/authorize?${new URLSearchParams(right)}&redirect_uri=${encodeURIComponent('https://evil.example/')}`
  const { location } = await server.request('GET', twice)
  assert.doesNotMatch(location ?? '', /^https:\/\/evil/)
})

test('the address of an exchange is that of its code, where one is named', async () => {
  const application = await registerApplication(server, { redirect_uris: [redirect_uri, `${redirect_uri}/two`] })
  const given = await getCode(server, application, await server.user())
  const form = { grant_type: 'authorization_code', client_id: application.client_id, ...given }
  const wrong = await askTokens(server, { ...form, redirect_uri: `${redirect_uri}/two` })
  assert.deepEqual([wrong.status, wrong.body.error], [400, 'invalid_grant'])
  assert.equal((await askTokens(server, { ...form, redirect_uri })).status, 200)
})
