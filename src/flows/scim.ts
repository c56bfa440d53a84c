// /scim/v2: what the SCIM service says of itself (RFC 7644 §4); accounts cannot be managed by it yet.
import type { Ctx } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { Reply } from '../reply.ts'

const schemas = (name: string) => [`urn:ietf:params:scim:${name}`]
const unsupported = { supported: false }

/** Answers in SCIM's own media type (RFC 7644 §8.1). */
const scimReply = (body: object, status = 200): Reply => ({
  status,
  text: JSON.stringify(body),
  content_type: 'application/scim+json',
})

/** An error in SCIM's form (RFC 7644 §3.12). */
const scimError = (status: number, detail: string): Reply =>
  scimReply({ schemas: schemas('api:messages:2.0:Error'), detail, status: String(status) }, status)

function serviceProviderConfig({ config }: Ctx): Reply {
  const location = `${config.api_external_url.replace(/\/+$/, '')}/scim/v2/ServiceProviderConfig`
  return scimReply({
    schemas: schemas('schemas:core:2.0:ServiceProviderConfig'),
    patch: unsupported,
    bulk: { ...unsupported, maxOperations: 0, maxPayloadSize: 0 },
    filter: { ...unsupported, maxResults: 0 },
    changePassword: unsupported,
    sort: unsupported,
    etag: unsupported,
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'Authentication scheme using the OAuth Bearer Token Standard',
        specUri: 'http://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location },
  })
}

/** There are no resources, so neither types nor schemas of them. */
function emptyList({ query }: Ctx): Reply {
  // RFC 7644 §4: a filter is refused, even one without a value.
  if (query.has('filter')) return scimError(403, 'Filtering is not supported on this endpoint')
  const empty = { totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] }
  return scimReply({ schemas: schemas('api:messages:2.0:ListResponse'), ...empty })
}

const documents: Record<string, (ctx: Ctx) => Reply> = {
  '/scim/v2/ServiceProviderConfig': serviceProviderConfig,
  '/scim/v2/ResourceTypes': emptyList,
  '/scim/v2/Schemas': emptyList,
}

/**
 * Answers everything below /scim/v2.
 * @throws AuthError 404 feature_disabled
 */
export function scim(ctx: Ctx): Reply {
  if (!ctx.config.experimental_scim_enabled) throw new AuthError(404, 'feature_disabled', 'SCIM server is disabled')
  const document = Object.hasOwn(documents, ctx.path) ? documents[ctx.path] : undefined
  if (!document) return scimError(404, 'Endpoint or resource does not exist')
  return ctx.method === 'GET' ? document(ctx) : { status: 405, headers: { allow: 'GET' } }
}
