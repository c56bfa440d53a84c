// /scim/v2: what the SCIM service says of itself (RFC 7644 §4), and what it answers where there is nothing.
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Reply, scimError, scimReply } from '../../reply.ts'
import { mostOperations } from './read-bulk.ts'
import { locationOf, type ResourceKind } from './resource-kind.ts'
import { resourceKinds } from './resource-kinds.ts'
import { type Attribute, enterpriseSchema, groupSchema, type Schema, userSchema } from './scim-attributes.ts'
import { mostResults } from './scim-query.ts'

const core = (name: string) => [`urn:ietf:params:scim:schemas:core:2.0:${name}`]
const [supported, unsupported] = [{ supported: true }, { supported: false }]

function serviceProviderConfig(ctx: Ctx): Reply {
  // The recorded switch alone manages nobody, and says so.
  const isOn = ctx.config.scim_enabled
  const feature = isOn ? supported : unsupported
  return scimReply({
    schemas: core('ServiceProviderConfig'),
    patch: feature,
    bulk: { ...feature, maxOperations: isOn ? mostOperations : 0, maxPayloadSize: isOn ? 1_048_576 : 0 },
    filter: { ...feature, maxResults: isOn ? mostResults : 0 },
    changePassword: unsupported,
    sort: feature,
    etag: feature,
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'Authentication scheme using the OAuth Bearer Token Standard',
        specUri: 'http://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: locationOf(ctx, 'ServiceProviderConfig') },
  })
}

/** A list of what is described, or one of it by its name. */
const described =
  (path: string, all: (ctx: Ctx) => ({ id: string } & Record<string, unknown>)[]) =>
  (ctx: Ctx, id: string | null): Reply => {
    // RFC 7644 §4: a filter is refused, even one without a value.
    if (ctx.query.has('filter')) return scimError(403, 'Filtering is not supported on this endpoint')
    const resources = ctx.config.scim_enabled ? all(ctx) : []
    if (id === null)
      return scimReply({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        totalResults: resources.length,
        startIndex: 1,
        itemsPerPage: resources.length,
        Resources: resources,
      })
    const one = resources.find((resource) => resource.id === id)
    return one ? scimReply(one) : scimError(404, `There is no ${path} ${id.slice(0, 80)}`)
  }

const resourceTypes = described('ResourceTypes', (ctx) =>
  Object.entries(resourceKinds).map(([endpoint, { schema }]: [string, ResourceKind]) => ({
    schemas: core('ResourceType'),
    id: schema.core.name,
    name: schema.core.name,
    endpoint: `/${endpoint}`,
    description: schema.core.about,
    schema: schema.core.id,
    ...(schema.extensions.length > 0 && {
      schemaExtensions: schema.extensions.map(({ id }) => ({ schema: id, required: false })),
    }),
    meta: { resourceType: 'ResourceType', location: locationOf(ctx, `ResourceTypes/${schema.core.name}`) },
  })),
)

const schemas = described('Schemas', (ctx) =>
  [userSchema, groupSchema, enterpriseSchema].map(({ id, name, about, attributes }: Schema) => ({
    schemas: core('Schema'),
    id,
    name,
    description: about,
    attributes: attributes.map(describeAttribute),
    meta: { resourceType: 'Schema', location: locationOf(ctx, `Schemas/${id}`) },
  })),
)

const describeAttribute = (attribute: Attribute): Record<string, unknown> => ({
  name: attribute.name,
  type: attribute.name === '$ref' ? 'reference' : attribute.type,
  multiValued: attribute.multiple ?? false,
  description: attribute.about,
  required: attribute.required ?? false,
  ...(attribute.type === 'string' && { caseExact: attribute.exact ?? false }),
  mutability: attribute.mutability ?? 'readWrite',
  returned: attribute.mutability === 'writeOnly' ? 'never' : 'default',
  ...(attribute.type !== 'complex' && { uniqueness: attribute.unique ? 'server' : 'none' }),
  ...(attribute.sub && { subAttributes: attribute.sub.map(describeAttribute) }),
})

const documents: Record<string, (ctx: Ctx, id: string | null) => Reply> = {
  ServiceProviderConfig: serviceProviderConfig,
  ResourceTypes: resourceTypes,
  Schemas: schemas,
}

/**
 * Answers everything below /scim/v2 that no other row does.
 * @throws AuthError 404 feature_disabled
 */
export function describeScim(ctx: Ctx): Reply {
  const { experimental_scim_enabled, scim_enabled } = ctx.config
  if (!experimental_scim_enabled && !scim_enabled)
    throw new AuthError(404, 'feature_disabled', 'SCIM server is disabled')
  const [, name = '', id = null] = /^\/scim\/v2\/([^/]*)(?:\/(.+))?$/.exec(ctx.path) ?? []
  const document = Object.hasOwn(documents, name) ? documents[name] : undefined
  if (scim_enabled && (Object.hasOwn(resourceKinds, name) || name === 'Bulk')) return { status: 405 }
  const isThere = document && (id === null || (scim_enabled && name !== 'ServiceProviderConfig'))
  if (!isThere) return scimError(404, 'Endpoint or resource does not exist')
  return ctx.method === 'GET' ? document(ctx, id) : { status: 405, headers: { allow: 'GET' } }
}
