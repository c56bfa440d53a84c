// A server with SSO providers whose directories manage their people: what they send, and as whom.
import { startTestServer, type TestServer } from './server.ts'

/** What a directory sends, with the media type of SCIM. */
export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => ReturnType<TestServer['request']>

/** An SSO provider and its directory. */
export interface Directory {
  provider_id: string
  token: string
  token_id: string
  send: Send
}

const metadata = (entity_id: string): string =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entity_id}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`

/** Starts a server with SCIM on. */
export const startScimServer = (env: Record<string, string> = {}): Promise<TestServer> =>
  startTestServer({ env: { POSTERN_SCIM_ENABLED: 'true', POSTERN_RATE_LIMIT_SCIM: '1000000', ...env } })

/** Sends requests with a token. */
export const sendWith =
  (server: TestServer, token: string): Send =>
  (method, path, body, headers = {}) =>
    server.request(method, `/scim/v2${path}`, {
      token,
      headers: { ...(body !== undefined && { 'content-type': 'application/scim+json' }), ...headers },
      ...(body !== undefined && { body }),
    })

/** Connects a provider and makes a token for it. */
export async function addDirectory(server: TestServer, domain: string): Promise<Directory> {
  const made = await server.request('POST', '/admin/sso/providers', {
    as: 'service_role',
    body: { type: 'saml', metadata_xml: metadata(`https://${domain}/saml`), domains: [domain] },
  })
  const provider_id = String(made.body.id)
  const { body } = await server.request('POST', `/admin/sso/providers/${provider_id}/scim_tokens`, {
    as: 'service_role',
    body: { name: domain },
  })
  const token = String(body.token)
  return { provider_id, token, token_id: String(body.id), send: sendWith(server, token) }
}

/** Name of the schema of a message. */
export const message = (name: string): string => `urn:ietf:params:scim:api:messages:2.0:${name}`

/** The schemas of users and groups. */
export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** A body of changes. */
export const patch = (...Operations: object[]) => ({ schemas: [message('PatchOp')], Operations })
