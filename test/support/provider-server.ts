// A server with mocked providers for the cases about them: Google, an issuer of ID tokens, and a tenant of Azure.
import { after } from 'node:test'
import { enabled, startMockProviders } from './mock-providers.ts'
import { startTestServer } from './server.ts'

/** Issuers that the mock publishes keys of. */
export const google = 'https://accounts.google.com'
/** The issuer of GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS. */
export const op = 'https://op.example'
/** A tenant of Azure. */
export const tenant = 'https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad'

/** Variables that switch providers and linking on. */
export const providersOf = (names: string[]) => ({ ...enabled(names), GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true' })

let people = 0

/** An address that nobody has. */
export const address = (name: string) => `${name}-${++people}@example.com`

/** What Google says of an address. */
export const claims = (email: string, more: object = {}) => ({
  iss: google,
  aud: 'google-client',
  sub: `sub of ${email}`,
  email,
  email_verified: true,
  ...more,
})

/** Starts both for the tests of a file, with further variables, and ends them after those. */
export async function startProviderServer(more: Record<string, string> = {}) {
  const mock = await startMockProviders()
  for (const issuer of [google, op, `${tenant}/v2.0`]) mock.publish(issuer)
  const server = await startTestServer({
    fetch: mock.fetch,
    env: {
      ...providersOf(['google', 'github', 'azure']),
      GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS: `${op}|op-client`,
      ...more,
    },
  })
  after(async () => {
    await server.close()
    await mock.stop()
  })
  return {
    mock,
    server,
    /** Signs in with an ID token. */
    present: (id_token: string, more: object = {}, on = server) =>
      on.request('POST', '/token?grant_type=id_token', { body: { provider: 'google', id_token, ...more } }),
    usersOf: (email: string, on = server) => on.sql('select id from auth.users where email = $1', [email]),
  }
}
