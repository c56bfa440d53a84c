// What users and groups have in common: a kind of resource is what each request about one, alone or of many at once, goes by.
import type { ScimCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { ScimSearch } from '../../storage/scim-users.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import type { PatchOperation } from './apply-patch.ts'
import type { Resource } from './read-resource.ts'
import type { ResourceSchema } from './scim-attributes.ts'
import type { Projection } from './scim-query.ts'
import { scimRefusal } from './scim-refusal.ts'

/** A resource that was written, with its version; as it is now, where that is known without looking. */
export interface Written {
  id: string
  version: number
  resource?: Resource
}

/** Whether a version is one that the caller may change; throws where it is not. */
export type CheckVersion = (version: number) => void

/** A kind of resource; what is not the provider's is not there. */
export interface ResourceKind {
  schema: ResourceSchema
  /** @throws AuthError 404 */
  read(ctx: ScimCtx, id: string, projection: Projection): Promise<{ resource: Resource; version: number }>
  search(ctx: ScimCtx, search: ScimSearch, projection: Projection): Promise<{ resources: Resource[]; total: number }>
  /** @throws AuthError 400 invalidValue; 409 uniqueness */
  create(ctx: ScimCtx, body: Record<string, unknown>): Promise<Written>
  /** @throws AuthError 404; 409 uniqueness; 412 */
  replace(ctx: ScimCtx, id: string, body: Record<string, unknown>, check: CheckVersion): Promise<Written>
  /** @throws AuthError 400; 404; 409 uniqueness; 412 */
  patch(ctx: ScimCtx, id: string, operations: readonly PatchOperation[], check: CheckVersion): Promise<Written>
  /** @throws AuthError 404; 412 */
  remove(ctx: ScimCtx, id: string, check: CheckVersion): Promise<void>
  /** Whether a change is answered with the resource; a group may have many members. */
  shows_changes: boolean
}

/** 404 for what is not there, or not the provider's. */
export const notFound = (id: string): AuthError => new AuthError(404, '', `There is no resource ${id.slice(0, 80)}`)

/** 409 for a name that another resource of the provider has. */
export const notUnique = (what: string): AuthError => scimRefusal('uniqueness', `${what} is taken`, 409)

/** An id of a path; @throws AuthError 404 for what can be none */
export function idOfPath(id: string): string {
  if (!isUuid(id)) throw notFound(id)
  return id.toLowerCase()
}

/** A version as a weak entity tag (RFC 7644 §3.14). */
export const entityTag = (version: number): string => `W/"${version}"`

/** The address of a resource. */
export const locationOf = ({ config }: Pick<ScimCtx, 'config'>, path: string): string =>
  `${config.api_external_url.replace(/\/+$/, '')}/scim/v2/${path}`

/** `meta` of a resource. */
export const metaOf = (
  ctx: ScimCtx,
  kind: 'User' | 'Group',
  row: { id: string; version: number; created_at: string; updated_at: string },
) => ({
  resourceType: kind,
  created: row.created_at,
  lastModified: row.updated_at,
  location: locationOf(ctx, `${kind}s/${row.id}`),
  version: entityTag(row.version),
})
