// SAM-06 for as many rounds as the security rules ask: one relay state, and one assertion, sign in once, at one server and at two.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startServers, together } from '../support/races.ts'
import { samlEnv } from '../support/saml-provider.ts'
import { begin, bring, connect } from '../support/saml-sign-in.ts'

const rounds = 50
for (const count of [1, 2] as const)
  describe(`with ${count === 1 ? 'one server' : 'two servers'}`, () => {
    for (const began of ['here', 'at the provider'] as const)
      test(`twenty answers at once to a sign-in that began ${began} open one session`, async () => {
        const servers = await startServers(count, samlEnv)
        const provider = await connect(servers.first)
        for (let round = 0; round < rounds; round++) {
          const email = `round${round}@idp.example`
          const facts = { name_id: `round-${round}`, attributes: { email } }
          const begun = began === 'here' ? await begin(servers.first, provider) : null
          const response = provider.response({ ...facts, ...(begun && { in_response_to: begun.id }) })
          const answers = await together(servers, (server) => bring(server, response, begun?.relay_state))
          assert.equal(answers.filter(({ location }) => location?.includes('access_token=')).length, 1)
          const sessions = await servers.first.sql(
            'select from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1',
            [email],
          )
          assert.equal(sessions.length, 1)
        }
        await servers.close()
      })
  })
