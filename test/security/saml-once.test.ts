// SAM-06 to SAM-08: relay states and assertions count once, lead nowhere else, and take over no account.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Servers, startServers, together } from '../support/races.ts'
import { inMinutes, samlEnv } from '../support/saml-provider.ts'
import { begin, bring, type Connected, claimsIn, connect, countRows, errorOf, signIn } from '../support/saml-sign-in.ts'
import type { TestServer } from '../support/server.ts'

const unknown = {
  code: 'server_error saml_relay_state_not_found',
  says: 'SAML RelayState does not exist, try logging in again?',
}
const invalid = { code: 'invalid_request validation_failed', says: 'SAML Assertion is not valid' }
let servers: Servers
let server: TestServer
let provider: Connected
before(async () => {
  servers = await startServers(2, samlEnv)
  server = servers.first
  provider = await connect(server)
})
after(() => servers.close())

let people = 0
const person = () => ({ name_id: `person-${++people}`, attributes: { email: `once${people}@idp.example` } })
const isSignedIn = ({ location }: { location: string | null }) => location?.includes('access_token=') ?? false

describe('SAM-06 once', () => {
  test('twenty answers to one request at once, at two servers, sign in once', async () => {
    for (let round = 0; round < 5; round++) {
      const begun = await begin(server, provider)
      const facts = person()
      const response = provider.response({ in_response_to: begun.id, ...facts })
      const answers = await together(servers, (one) => bring(one, response, begun.relay_state))
      assert.equal(answers.filter(isSignedIn).length, 1)
      for (const answer of answers.filter((one) => !isSignedIn(one))) assert.deepEqual(errorOf(answer), unknown)
      const sessions = await server.sql(
        'select from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1',
        [facts.attributes.email],
      )
      assert.equal(sessions.length, 1)
    }
  })

  test('one assertion that a provider sends by itself signs in once of twenty times at once', async () => {
    for (let round = 0; round < 5; round++) {
      const response = provider.response(person())
      const answers = await together(servers, (one) => bring(one, response))
      assert.equal(answers.filter(isSignedIn).length, 1)
      for (const answer of answers.filter((one) => !isSignedIn(one))) assert.deepEqual(errorOf(answer), invalid)
    }
  })

  test('an assertion is not good for a second request, nor in another response', async () => {
    const facts = { ...person(), assertion_id: '_chosen' }
    claimsIn(await bring(server, provider.response(facts)))
    const rows = await countRows(server)
    assert.deepEqual(errorOf(await bring(server, provider.response(facts))), invalid)
    assert.deepEqual(await countRows(server), rows)
    // Ids are a provider's own: another one may use the same.
    claimsIn(await bring(server, (await connect(server)).response(facts)))
  })

  test('a relay state that was used, is unknown or too old is told as such, and an old one is gone', async () => {
    const begun = await begin(server, provider)
    const response = provider.response({ in_response_to: begun.id, ...person() })
    claimsIn(await bring(server, response, begun.relay_state))
    assert.deepEqual(errorOf(await bring(server, response, begun.relay_state)), unknown)
    assert.deepEqual(errorOf(await bring(server, response, '6f6a2a5e-0000-4000-8000-000000000000')), unknown)
    const late = await begin(server, provider)
    await server.sql(`update auth.saml_relay_states set created_at = now() - interval '121 seconds' where id = $1`, [
      late.relay_state,
    ])
    const answer = await bring(server, provider.response({ in_response_to: late.id, ...person() }), late.relay_state)
    assert.deepEqual(errorOf(answer), {
      code: 'server_error saml_relay_state_expired',
      says: 'SAML RelayState has expired. Try logging in again?',
    })
    assert.deepEqual(await server.sql('select from auth.saml_relay_states where id = $1', [late.relay_state]), [])
  })

  test('the relay state of one provider is not good for the answer of another', async () => {
    const other = await connect(server)
    const begun = await begin(server, provider)
    const answer = await bring(server, other.response({ in_response_to: begun.id, ...person() }), begun.relay_state)
    assert.deepEqual(errorOf(answer), invalid)
  })

  test('an answer to a request of ours is none that the provider began, which would spare a verifier', async () => {
    const begun = await begin(server, provider, { code_challenge: 'x'.repeat(43), code_challenge_method: 's256' })
    const rows = await countRows(server)
    const response = provider.response({ in_response_to: begun.id, ...person() })
    assert.deepEqual(errorOf(await bring(server, response)), invalid)
    assert.deepEqual(await countRows(server), rows)
    // Some providers name a request of their own making, as recorded.
    claimsIn(await bring(server, provider.response({ in_response_to: 'made-by-the-provider', ...person() })))
  })
})

test('SAM-07 a relay state leads to no address that is not allowed', async () => {
  for (const address of [
    'https://evil.example/',
    '//evil.example',
    '/path',
    'javascript:alert(1)',
    'https://app.example@evil.example/',
  ]) {
    const { location } = await bring(server, provider.response(person()), address)
    assert.match(location ?? '', /^http:\/\/site\.example#access_token=/, address)
    const asked = await signIn(server, provider, person(), { redirect_to: address })
    assert.match(asked.location ?? '', /^http:\/\/site\.example#access_token=/, address)
  }
  const allowed = await bring(server, provider.response(person()), 'https://app.example/welcome')
  assert.match(allowed.location ?? '', /^https:\/\/app\.example\/welcome#access_token=/)
  const nonsense = await bring(server, provider.response(person()), 'neither an id nor an address')
  assert.deepEqual(errorOf(nonsense), {
    code: 'invalid_request validation_failed',
    says: 'SAML RelayState is not a valid UUID or URL',
  })
})

describe('SAM-08 accounts', () => {
  test('the account of a password with the same address is another, and stays as it is', async () => {
    const { user, access_token } = await server.user({ email: 'shared@idp.example' })
    const { sub } = claimsIn(await signIn(server, provider, { name_id: 'shared', attributes: { email: user.email } }))
    assert.notEqual(sub, user.id)
    const rows = await server.sql('select id, is_sso_user from auth.users where email = $1 order by is_sso_user', [
      user.email,
    ])
    assert.deepEqual(rows, [
      { id: user.id, is_sso_user: false },
      { id: sub, is_sso_user: true },
    ])
    const { body } = await server.request('GET', '/user', { token: access_token })
    assert.deepEqual(body.app_metadata, { provider: 'email', providers: ['email'] })
  })

  test('two providers that tell one address and one name lead to two accounts', async () => {
    const facts = { name_id: 'same', attributes: { email: 'same@idp.example' } }
    const first = claimsIn(await signIn(server, provider, facts))
    const second = claimsIn(await signIn(server, await connect(server), facts))
    assert.notEqual(first.sub, second.sub)
  })

  test('an address that the provider changes to that of somebody else moves nobody', async () => {
    const victim = await server.user({ email: 'victim@idp.example' })
    const facts = person()
    const { sub } = claimsIn(await signIn(server, provider, facts))
    const again = claimsIn(await signIn(server, provider, { ...facts, attributes: { email: victim.user.email } }))
    assert.equal(again.sub, sub)
  })
})

test('clean-up forgets assertions only once they are refused by their own times', async () => {
  const response = provider.response({ ...person(), not_after: inMinutes(30) })
  claimsIn(await bring(server, response))
  const [kept] = await server.sql<{ seconds: number }>(
    'select max(extract(epoch from expires_at - now()))::float8 as seconds from postern.used_tokens',
  )
  assert.ok(kept && kept.seconds > 33 * 60)
})
