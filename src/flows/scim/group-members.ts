// Who is in a group: changes of `members`, made where the members are and not in a list that has all of them.
import type { ScimCtx } from '../../context.ts'
import type { Queryable } from '../../storage/db.ts'
import type { ScimFilter } from '../../storage/scim-filter.ts'
import { addScimMembers, findKnownMembers, removeScimMembers, tellGroups } from '../../storage/scim-groups.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import type { Change } from './apply-patch.ts'
import { invalidValue } from './read-resource.ts'
import { scimRefusal } from './scim-refusal.ts'

/** Members that one request may name, and bytes of all names of groups that an account's tokens can carry. */
const most = { members: 20_000, bytes: 20_000 }

/**
 * The ids of a list of members as requests have it.
 * @throws AuthError 400 invalidValue
 */
function idsOfMembers(given: unknown): string[] {
  const list = given === null || given === undefined ? [] : Array.isArray(given) ? given : [given]
  if (list.length > most.members) throw invalidValue(`members has at most ${most.members} elements`)
  const ids = list.map((member: unknown) => {
    const id = typeof member === 'string' ? member : Reflect.get(Object(member), 'value')
    if (typeof id !== 'string' || !isUuid(id)) throw invalidValue('members: each has the id of a user as its value')
    return id.toLowerCase()
  })
  return [...new Set(ids)]
}

/** The ids that a filter of nothing but `value eq "…"` and `or` names. */
function idsOfFilter(filter: ScimFilter): string[] {
  if (filter.kind === 'or') return [...idsOfFilter(filter.left), ...idsOfFilter(filter.right)]
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path.names[0] === 'value')
    return isUuid(String(filter.value)) ? [String(filter.value).toLowerCase()] : []
  throw scimRefusal('invalidFilter', 'members are chosen by value eq "…" alone')
}

/**
 * Makes a change of members; who came and who went.
 * @throws AuthError 400 invalidValue for somebody who is no user of the provider
 */
export async function changeMembers(ctx: ScimCtx, tx: Queryable, group_id: string, change: Change): Promise<string[]> {
  const { op, path, value } = change
  if (path.part !== null) throw invalidValue('a member is an id, and has no part that could be changed')
  if (op === 'remove') {
    const only = path.filter ? idsOfFilter(path.filter) : value ? idsOfMembers(value) : null
    return removeScimMembers(tx, group_id, only ? { only } : { except: [] })
  }
  const ids = path.filter ? idsOfFilter(path.filter) : idsOfMembers(value)
  await requireKnown(ctx, tx, ids)
  const gone = op === 'replace' && !path.filter ? await removeScimMembers(tx, group_id, { except: ids }) : []
  return [...gone, ...(await addScimMembers(tx, group_id, ids))]
}

async function requireKnown({ scim }: ScimCtx, tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const known = new Set(await findKnownMembers(tx, scim.provider_id, ids))
  const stranger = ids.find((id) => !known.has(id))
  if (stranger !== undefined) throw invalidValue(`members: there is no user ${stranger}`)
}

/**
 * Tells accounts of their groups, by `app_metadata.groups`.
 * @throws AuthError 400 invalidValue where tokens would become too long to be sent
 */
export async function tellMembers(tx: Queryable, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const longest = await tellGroups(tx, [...new Set(ids)])
  if (longest > most.bytes)
    throw invalidValue(`the names of the groups of one user have at most ${most.bytes} bytes together`)
}
