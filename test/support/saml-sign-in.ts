// Sign-ins with SAML from end to end: a connected provider, a request, and the answer that a browser carries.
import assert from 'node:assert/strict'
import { inflateRawSync } from 'node:zlib'
import { createSamlProvider, type ResponseFacts, type SamlProvider } from './saml-provider.ts'
import { type Answer, claimsOf, type TestServer } from './server.ts'

/** A provider that is connected to a server. */
export interface Connected extends SamlProvider {
  /** Its id at the server. */
  id: string
}

let providers = 0

/** Connects a new provider. */
export async function connect(
  server: TestServer,
  more: Record<string, unknown> = {},
  provider: SamlProvider = createSamlProvider(`https://idp${++providers}.example/metadata`),
  metadata = provider.metadata(),
): Promise<Connected> {
  const source = more.metadata_url ? {} : { metadata_xml: metadata }
  const { status, body, text } = await server.request('POST', '/admin/sso/providers', {
    as: 'service_role',
    body: { type: 'saml', ...source, ...more },
  })
  assert.equal(status, 201, text)
  return { ...provider, id: String(body.id) }
}

/** What a request to a provider says. */
export interface Begun {
  id: string
  relay_state: string
  location: URL
  xml: string
}

/** Begins a sign-in at the server. */
export async function begin(
  server: TestServer,
  provider: Pick<Connected, 'id'>,
  body: Record<string, unknown> = {},
): Promise<Begun> {
  const { status, text, location } = await server.request('POST', '/sso', {
    body: { provider_id: provider.id, ...body },
  })
  assert.equal(status, 303, text)
  const address = new URL(location ?? '')
  const xml = inflateRawSync(Buffer.from(address.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
  return {
    id: / ID="([^"]+)"/.exec(xml)?.[1] ?? '',
    relay_state: address.searchParams.get('RelayState') ?? '',
    location: address,
    xml,
  }
}

/** Sends an answer as a browser does. */
export const bring = (server: TestServer, SAMLResponse: string, RelayState?: string): Promise<Answer> =>
  server.request('POST', '/sso/saml/acs', {
    form: { SAMLResponse, ...(RelayState !== undefined && { RelayState }) },
  })

/** Base64 of XML. */
export const base64 = (xml: string): string => Buffer.from(xml).toString('base64')

/** A whole sign-in that began at the server. */
export async function signIn(
  server: TestServer,
  provider: Connected,
  facts: ResponseFacts = {},
  body: Record<string, unknown> = {},
): Promise<Answer> {
  const begun = await begin(server, provider, body)
  return bring(server, provider.response({ in_response_to: begun.id, ...facts }), begun.relay_state)
}

/** The parameters that a redirect's fragment has. */
export const fragmentOf = ({ location }: Answer): URLSearchParams =>
  new URLSearchParams((location ?? '').split('#')[1] ?? '')

/** The claims of the token that a redirect carries. */
export function claimsIn(answer: Answer): Record<string, unknown> & { sub: string } {
  const token = fragmentOf(answer).get('access_token')
  assert.ok(token, `${answer.status} ${answer.location} ${answer.text}`)
  return claimsOf(token)
}

/** What a redirect tells of an error: `error error_code`, and the sentence, without the beginning of the message that it may repeat. */
export function errorOf(answer: Answer): { code: string; says: string } {
  assert.equal(answer.status, 303, answer.text)
  const address = new URL(answer.location ?? '')
  assert.equal(address.origin, 'http://site.example')
  assert.equal(address.hash, '')
  const query = address.searchParams
  return {
    code: `${query.get('error')} ${query.get('error_code')}`,
    says: (query.get('error_description') ?? '').replace(/^(SAML Assertion is not valid) .{0,100}$/s, '$1'),
  }
}

/** How many rows there are that a sign-in makes. */
export async function countRows(server: TestServer): Promise<Record<string, number>> {
  const tables = [
    ...['auth.users', 'auth.identities', 'auth.sessions', 'auth.refresh_tokens', 'auth.saml_relay_states'],
    ...['auth.flow_state', 'auth.audit_log_entries', 'postern.saml_sessions', 'postern.used_tokens'],
  ]
  const [row] = await server.sql<Record<string, number>>(
    `select ${tables.map((table) => `(select count(*)::int from ${table}) as "${table}"`).join(', ')}`,
  )
  return row ?? {}
}
