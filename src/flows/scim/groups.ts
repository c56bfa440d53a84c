// Groups of SCIM (RFC 7643 §4.2): named sets of a provider's users, which their accounts are told of.
import { randomUUID } from 'node:crypto'
import type { ScimCtx } from '../../context.ts'
import { jsonText } from '../../reply.ts'
import { isUniqueViolation } from '../../storage/db.ts'
import {
  deleteScimGroup,
  findMemberIds,
  findScimGroup,
  findScimMembers,
  insertScimGroup,
  removeScimMembers,
  type ScimGroup,
  searchScimGroups,
  updateScimGroup,
} from '../../storage/scim-groups.ts'
import { transact } from '../steps/transact.ts'
import { applyPatch, type Change, changesOf, type PatchOperation } from './apply-patch.ts'
import { auditByToken } from './audit-by-token.ts'
import { changeMembers, tellMembers } from './group-members.ts'
import { parsePatchPath } from './parse-filter.ts'
import { invalidValue, type Resource, readResource } from './read-resource.ts'
import {
  type CheckVersion,
  locationOf,
  metaOf,
  notFound,
  notUnique,
  type ResourceKind,
  type Written,
} from './resource-kind.ts'
import { groupSchema, groups as schema } from './scim-attributes.ts'
import { choosesWhole, type Projection, project, shows } from './scim-query.ts'

/** Groups. */
export const groups: ResourceKind = {
  schema,
  shows_changes: false,
  async read(ctx, id, projection) {
    const row = await findScimGroup(ctx.db, ctx.scim.provider_id, id)
    if (!row) throw notFound(id)
    const [resource = {}] = await presentAll(ctx, [row], projection)
    return { resource, version: row.version }
  },
  async search(ctx, search, projection) {
    const { rows, total } = await searchScimGroups(ctx.db, ctx.scim.provider_id, search)
    return { resources: await presentAll(ctx, rows, projection), total }
  },
  create: createGroup,
  replace: (ctx, id, body, check) => {
    const names = namesOf(readNames(body))
    return changeGroup(ctx, id, check, { names: () => names, members: [replacement(body)] })
  },
  patch: patchGroup,
  remove: removeGroup,
}

/** Names of a group at most: as many characters as an account can carry of several. */
const mostName = 256

interface Names {
  display_name: string
  external_id: string | null
}

function namesOf({ displayName, externalId }: Resource): Names {
  const display_name = typeof displayName === 'string' ? displayName.trim() : ''
  if (display_name === '') throw invalidValue('displayName is required')
  for (const [name, text] of Object.entries({ displayName, externalId }))
    if (typeof text === 'string' && text.length > mostName)
      throw invalidValue(`${name} must be at most ${mostName} characters long`)
  return { display_name, external_id: typeof externalId === 'string' ? externalId : null }
}

const isMembers = (name: string): boolean => name.toLowerCase() === 'members'

/** A body without its members, of which there may be many. */
const readNames = (body: Record<string, unknown>): Resource =>
  readResource(schema, Object.fromEntries(Object.entries(body).filter(([name]) => !isMembers(name))))

/** The members of a body as a change. */
function replacement(body: Record<string, unknown>): Change {
  const path = parsePatchPath(schema, 'members')
  if (!path) throw new Error('groups have members')
  return { op: 'replace', path, value: Object.entries(body).find(([name]) => isMembers(name))?.[1] }
}

async function presentAll(ctx: ScimCtx, rows: ScimGroup[], projection: Projection): Promise<Resource[]> {
  const ids = rows.map(({ id }) => id)
  const found = shows(projection, 'members') ? await findScimMembers(ctx.db, ids, locationOf(ctx, 'Users/')) : []
  const members = new Map(found.map(({ group_id, text }) => [group_id, text]))
  // Parts of members are asked for by nobody who has many.
  const isWhole = choosesWhole(projection, 'members')
  return rows.map((row) => {
    const text = members.get(row.id) ?? '[]'
    const resource = {
      schemas: [groupSchema.id],
      id: row.id,
      ...(row.external_id !== null && { externalId: row.external_id }),
      displayName: row.display_name,
      members: isWhole ? jsonText(text) : JSON.parse(text),
      meta: metaOf(ctx, 'Group', row),
    }
    return project(resource, projection)
  })
}

const uniquely = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (isUniqueViolation(error, 'scim_groups_external_id_key')) throw notUnique('externalId')
    throw isUniqueViolation(error, 'scim_groups_display_name_key') ? notUnique('displayName') : error
  })

/** What the audit log says of a group. */
const told = (group_id: string, { display_name }: Pick<Names, 'display_name'>) => ({ group_id, group: display_name })

async function createGroup(ctx: ScimCtx, body: Record<string, unknown>): Promise<Written> {
  const id = randomUUID()
  const names = namesOf(readNames(body))
  return uniquely(
    transact(ctx, async (tx) => {
      await insertScimGroup(tx, { id, sso_provider_id: ctx.scim.provider_id, ...names })
      const members = await changeMembers(ctx, tx, id, { ...replacement(body), op: 'add' })
      await tellMembers(tx, members)
      await auditByToken(ctx, tx, 'group_created', told(id, names), { members: members.length })
      return { id, version: 1 }
    }),
  )
}

/** Members and names are changed in their own order: neither depends on the other. */
function patchGroup(ctx: ScimCtx, id: string, operations: readonly PatchOperation[], check: CheckVersion) {
  const changes = operations.flatMap((operation) => changesOf(schema, operation))
  const members = changes.filter(({ path }) => path.names[0] === 'members')
  const others = changes.filter((change) => !members.includes(change))
  return changeGroup(ctx, id, check, { names: (held) => namesOf(applyPatch(schema, held, others)), members })
}

function changeGroup(
  ctx: ScimCtx,
  id: string,
  check: CheckVersion,
  change: { names(held: Resource): Names; members: readonly Change[] },
): Promise<Written> {
  return uniquely(
    transact(ctx, async (tx) => {
      const row = await findScimGroup(tx, ctx.scim.provider_id, id, { locked: true })
      if (!row) throw notFound(id)
      check(row.version)
      const names = change.names({ displayName: row.display_name, externalId: row.external_id ?? undefined })
      await updateScimGroup(tx, { id, ...names })
      const moved: string[] = []
      for (const member of change.members) moved.push(...(await changeMembers(ctx, tx, id, member)))
      const isRenamed = names.display_name !== row.display_name
      const all = isRenamed ? await findMemberIds(tx, id) : []
      await tellMembers(tx, [...moved, ...all])
      await auditByToken(ctx, tx, 'group_modified', told(id, names), { moved: moved.length })
      return { id, version: row.version + 1 }
    }),
  )
}

async function removeGroup(ctx: ScimCtx, id: string, check: CheckVersion): Promise<void> {
  await transact(ctx, async (tx) => {
    const row = await findScimGroup(tx, ctx.scim.provider_id, id, { locked: true })
    if (!row) throw notFound(id)
    check(row.version)
    const members = await removeScimMembers(tx, id, { except: [] })
    await deleteScimGroup(tx, id)
    await tellMembers(tx, members)
    await auditByToken(ctx, tx, 'group_deleted', told(id, row))
  })
}
