// /scim/v2/Users and /Groups: one resource, many, and the changes of one (RFC 7644 §3).
import type { ScimCtx } from '../../context.ts'
import { noContent, type Reply, scimReply } from '../../reply.ts'
import { readOperations } from './apply-patch.ts'
import { entityTag, idOfPath, locationOf, type ResourceKind, type Written } from './resource-kind.ts'
import { ifMatch, isKnown, kindOf, type ScimBody } from './resource-kinds.ts'
import { type Asked, project, readProjection, readSearch } from './scim-query.ts'

const askedOf =
  ({ query }: ScimCtx): Asked =>
  (name) =>
    query.get(name)

const kindOfPath = ({ path_params }: ScimCtx): ResourceKind => kindOf(path_params.kind ?? '')
const idOf = ({ path_params }: ScimCtx): string => idOfPath(path_params.id ?? '')

/** Answers with a page of those that fit. */
export const listResources = (ctx: ScimCtx): Promise<Reply> => search(ctx, askedOf(ctx))

/** The same, asked for in a body (RFC 7644 §3.4.3). */
export function searchResources(ctx: ScimCtx, body: ScimBody): Promise<Reply> {
  const given = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]))
  return search(ctx, (name) => {
    const value = given.get(name.toLowerCase())
    return value === undefined || value === null ? null : Array.isArray(value) ? value.join(',') : String(value)
  })
}

async function search(ctx: ScimCtx, asked: Asked): Promise<Reply> {
  const kind = kindOfPath(ctx)
  const { search, start } = readSearch(kind.schema, asked)
  const { resources, total } = await kind.search(ctx, search, readProjection(kind.schema, asked))
  return scimReply({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex: start,
    itemsPerPage: resources.length,
    Resources: resources,
  })
}

/** Answers with one, or 304 to whom it has not changed for. */
export const getResource = async (ctx: ScimCtx): Promise<Reply> => show(ctx, kindOfPath(ctx), idOf(ctx), 200)

async function show(ctx: ScimCtx, kind: ResourceKind, id: string, status: number): Promise<Reply> {
  const { resource, version } = await kind.read(ctx, id, readProjection(kind.schema, askedOf(ctx)))
  const headers = { etag: entityTag(version) }
  if (status === 200 && ctx.method === 'GET' && isKnown(ctx, version)) return { status: 304, headers }
  return scimReply(resource, status, { ...headers, location: addressOf(ctx, id) })
}

const addressOf = (ctx: ScimCtx, id: string): string => locationOf(ctx, `${ctx.path_params.kind}/${id}`)

/** Makes one. */
export async function createResource(ctx: ScimCtx, body: ScimBody): Promise<Reply> {
  const kind = kindOfPath(ctx)
  const { id, version, resource } = await kind.create(ctx, body)
  if (!resource) return show(ctx, kind, id, 201)
  const shown = project(resource, readProjection(kind.schema, askedOf(ctx)))
  return scimReply(shown, 201, { etag: entityTag(version), location: addressOf(ctx, id) })
}

/** Replaces one. */
export async function replaceResource(ctx: ScimCtx, body: ScimBody): Promise<Reply> {
  const kind = kindOfPath(ctx)
  await kind.replace(ctx, idOf(ctx), body, ifMatch(ctx.header('if-match')))
  return show(ctx, kind, idOf(ctx), 200)
}

/** Changes one. */
export async function patchResource(ctx: ScimCtx, body: ScimBody): Promise<Reply> {
  const kind = kindOfPath(ctx)
  const written: Written = await kind.patch(ctx, idOf(ctx), readOperations(body), ifMatch(ctx.header('if-match')))
  if (kind.shows_changes || ctx.query.has('attributes')) return show(ctx, kind, idOf(ctx), 200)
  return { ...noContent(), headers: { etag: entityTag(written.version) } }
}

/** Removes one. */
export async function removeResource(ctx: ScimCtx): Promise<Reply> {
  await kindOfPath(ctx).remove(ctx, idOf(ctx), ifMatch(ctx.header('if-match')))
  return noContent()
}
