// People with a verified authenticator app on a test server.
import { totpCode } from '../../src/crypto/totp.ts'
import type { Answer, SignedIn, TestServer } from './server.ts'

/** The password of such people. */
export const password = 'correct horse battery staple'

// A challenge is answered from where it was asked for.
const address = '192.0.2.44'

/** The claims of a token, unchecked. */
export const claimsOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())

/** A person whose app has raised `token` to aal2. */
export interface AppOwner {
  person: SignedIn
  factor_id: string
  secret: string
  token: string
  /** The answer to the verification. */
  raised: Answer
}

/** Signs a person in with the password; `headers` go along. */
export const signInAgain = (
  server: TestServer,
  { user }: SignedIn,
  headers?: Record<string, string>,
): Promise<Answer> =>
  server.request('POST', '/token?grant_type=password', {
    body: { email: user.email, password },
    ...(headers && { headers }),
  })

/** Answers a challenge of an app with the code of now, or of another time step. */
export async function showApp(
  server: TestServer,
  token: string,
  { factor_id, secret }: Pick<AppOwner, 'factor_id' | 'secret'>,
  more: object = {},
  step = 0,
): Promise<Answer> {
  const asked = await server.request('POST', `/factors/${factor_id}/challenge`, { token, address, body: {} })
  const code = totpCode(secret, Date.now() / 1000 + step * 30)
  const body = { challenge_id: asked.body.id, code, ...more }
  return server.request('POST', `/factors/${factor_id}/verify`, { token, address, body })
}

/** Makes an account with an app that is verified. */
export async function ownerOfApp(server: TestServer, attributes: object = {}, more: object = {}): Promise<AppOwner> {
  const person = await server.user({ password, ...attributes })
  const { body } = await server.request('POST', '/factors', {
    token: person.access_token,
    body: { factor_type: 'totp', friendly_name: 'app' },
  })
  const app = { factor_id: String(body.id), secret: String(Object(body.totp).secret) }
  const raised = await showApp(server, person.access_token, app, more)
  return { person, ...app, token: String(raised.body.access_token), raised }
}
