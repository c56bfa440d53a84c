// Applications that sign people in through a test server, and the way to a code.
import { createHash, randomBytes } from 'node:crypto'
import type { Answer, SignedIn, TestServer } from './server.ts'

/** Where the codes of test applications arrive. */
export const redirect_uri = 'https://client.example/callback'

/** Environment of a server that other applications may use. */
export const applicationServer = {
  GOTRUE_OAUTH_SERVER_ENABLED: 'true',
  GOTRUE_OAUTH_SERVER_ALLOW_DYNAMIC_REGISTRATION: 'true',
  GOTRUE_OAUTH_SERVER_AUTHORIZATION_PATH: '/consent',
  GOTRUE_JWT_ISSUER: 'http://auth.example',
  GOTRUE_RATE_LIMIT_O_AUTH_DYNAMIC_CLIENT_REGISTER: '100000',
}

/** A registered application. */
export interface Application {
  client_id: string
  client_secret?: string
}

/** Registers an application; a public one unless told otherwise. */
export async function registerApplication(server: TestServer, more: object = {}): Promise<Application> {
  const { body } = await server.request('POST', '/oauth/clients/register', {
    body: { redirect_uris: [redirect_uri], token_endpoint_auth_method: 'none', ...more },
  })
  return body as unknown as Application
}

/** A verifier and its challenge (RFC 7636 §4). */
export function proofKey() {
  const code_verifier = randomBytes(32).toString('base64url')
  return { code_verifier, code_challenge: createHash('sha256').update(code_verifier).digest('base64url') }
}

/** Asks for authorization as the browser would. */
export function askAuthorization(server: TestServer, query: Record<string, string>): Promise<Answer> {
  return server.request('GET', `/oauth/authorize?${new URLSearchParams(query)}`)
}

/** What a person is asked at the consent page. */
export async function openAuthorization(
  server: TestServer,
  { client_id }: Application,
  person: SignedIn,
  query: Record<string, string> = {},
) {
  const { code_verifier, code_challenge } = proofKey()
  const asked = { client_id, redirect_uri, code_challenge, code_challenge_method: 'S256', ...query }
  const { location } = await askAuthorization(server, asked)
  const id = new URL(location ?? '').searchParams.get('authorization_id') ?? ''
  const { body } = await server.request('GET', `/oauth/authorizations/${id}`, { token: person.access_token })
  return { id, code_verifier, body }
}

/** A code that a person has agreed to. */
export async function getCode(
  server: TestServer,
  application: Application,
  person: SignedIn,
  query: Record<string, string> = {},
) {
  const { id, code_verifier, body } = await openAuthorization(server, application, person, query)
  const path = `/oauth/authorizations/${id}/consent`
  const answer = body.redirect_url
    ? { body }
    : await server.request('POST', path, { token: person.access_token, body: { action: 'approve' } })
  const code = new URL(String(answer.body.redirect_url)).searchParams.get('code') ?? ''
  return { code, code_verifier }
}

/** Asks the token endpoint. */
export const askTokens = (server: TestServer, form: Record<string, string>): Promise<Answer> =>
  server.request('POST', '/oauth/token', { form })

/** Exchanges a code of a public application. */
export const exchange = (
  server: TestServer,
  { client_id }: Application,
  given: { code: string; code_verifier: string },
): Promise<Answer> => askTokens(server, { grant_type: 'authorization_code', client_id, ...given })
