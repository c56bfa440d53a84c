// Tables postern.scim_groups and postern.scim_members: groups of the people whom a company manages.
import type { Queryable } from './db.ts'
import type { ScimColumns } from './scim-filter.ts'
import { type ScimSearch, searchStatement } from './scim-users.ts'

/** A group. */
export interface ScimGroup {
  id: string
  display_name: string
  external_id: string | null
  version: number
  created_at: string
  updated_at: string
}

/** Who is in a group. */
export interface ScimMembers {
  group_id: string
  /** JSON text of the list that SCIM shows. */
  text: string
}

const columns: ScimColumns = {
  own: {
    id: 's.id::text',
    displayName: 's.display_name',
    externalId: 's.external_id',
    'meta.created': 's.created_at',
    'meta.lastModified': 's.updated_at',
  },
  lists: {
    members: {
      from: 'postern.scim_members m join postern.scim_users p on p.user_id = m.user_id where m.group_id = s.id',
      fields: { value: 'm.user_id::text', display: 'p.user_name', type: `'User'` },
    },
  },
  json: null,
}

const selected = 's.id, s.display_name, s.external_id, s.version, s.created_at, s.updated_at'

/** A group of a provider, or null; with `locked` nobody else changes it until the transaction ends. */
export async function findScimGroup(
  db: Queryable,
  provider_id: string,
  id: string,
  { locked = false } = {},
): Promise<ScimGroup | null> {
  const [row] = await db.query<ScimGroup>(
    `select ${selected} from postern.scim_groups s where s.sso_provider_id = $1 and s.id = $2 ${locked ? 'for update' : ''}`,
    [provider_id, id],
  )
  return row ?? null
}

/** The groups of a provider that a search finds, and how many there are in all. */
export async function searchScimGroups(
  db: Queryable,
  provider_id: string,
  search: ScimSearch,
): Promise<{ rows: ScimGroup[]; total: number }> {
  const statement = searchStatement(columns, provider_id, search, 's.id')
  const [rows, [counted]] = await Promise.all([
    db.query<ScimGroup>(
      `select ${selected} from postern.scim_groups s where ${statement.where} ${statement.page}`,
      statement.params,
    ),
    db.query<{ total: number }>(
      `select count(*) as total from postern.scim_groups s where ${statement.where}`,
      statement.counted,
    ),
  ])
  return { rows, total: counted?.total ?? 0 }
}

/** Who is in groups, as JSON text: a group may have everybody. `address` is what the ids of users are put behind. */
export const findScimMembers = (db: Queryable, group_ids: readonly string[], address: string): Promise<ScimMembers[]> =>
  db.query<ScimMembers>(
    `select m.group_id, json_agg(json_build_object('value', m.user_id, '$ref', $2::text || m.user_id, 'display', p.user_name,
          'type', 'User') order by p.user_name, m.user_id)::text as text
      from postern.scim_members m join postern.scim_users p on p.user_id = m.user_id
      where m.group_id = any($1::uuid[]) group by m.group_id`,
    [[...group_ids], address],
  )

/** The ids of who is in a group. */
export async function findMemberIds(tx: Queryable, group_id: string): Promise<string[]> {
  const rows = await tx.query<{ user_id: string }>('select user_id from postern.scim_members where group_id = $1', [
    group_id,
  ])
  return rows.map(({ user_id }) => user_id)
}

/** Adds a group without members. */
export async function insertScimGroup(
  tx: Queryable,
  group: { id: string; sso_provider_id: string; display_name: string; external_id: string | null },
): Promise<void> {
  await tx.query(
    'insert into postern.scim_groups (id, sso_provider_id, display_name, external_id) values ($1, $2, $3, $4)',
    [group.id, group.sso_provider_id, group.display_name, group.external_id],
  )
}

/** Writes the names of a group, which gets another version. */
export async function updateScimGroup(
  tx: Queryable,
  group: { id: string; display_name: string; external_id: string | null },
): Promise<void> {
  await tx.query(
    `update postern.scim_groups set display_name = $2, external_id = $3, version = version + 1, updated_at = now() where id = $1`,
    [group.id, group.display_name, group.external_id],
  )
}

/** Removes a group. */
export async function deleteScimGroup(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from postern.scim_groups where id = $1', [id])
}

/** Those of a list of ids that are people of a provider. */
export async function findKnownMembers(tx: Queryable, provider_id: string, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ user_id: string }>(
    'select user_id from postern.scim_users where sso_provider_id = $1 and user_id = any($2::uuid[])',
    [provider_id, [...ids]],
  )
  return rows.map(({ user_id }) => user_id)
}

/** Puts people into a group; those who came, without those who were in it. */
export async function addScimMembers(tx: Queryable, group_id: string, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ user_id: string }>(
    `insert into postern.scim_members (group_id, user_id) select $1, id from unnest($2::uuid[]) as w (id) order by id
      on conflict do nothing returning user_id`,
    [group_id, [...ids]],
  )
  return rows.map(({ user_id }) => user_id)
}

/** Takes people out of a group, or all but some; those who went. */
export async function removeScimMembers(
  tx: Queryable,
  group_id: string,
  which: { only: readonly string[] } | { except: readonly string[] },
): Promise<string[]> {
  const [ids, isExcept] = 'only' in which ? [which.only, false] : [which.except, true]
  const rows = await tx.query<{ user_id: string }>(
    `delete from postern.scim_members where group_id = $1 and (user_id = any($2::uuid[])) <> $3::boolean returning user_id`,
    [group_id, [...ids], isExcept],
  )
  return rows.map(({ user_id }) => user_id)
}

/**
 * Makes `app_metadata.groups` of accounts the names of the groups that they are in.
 * @returns the bytes of the longest of these lists
 */
export async function tellGroups(tx: Queryable, user_ids: readonly string[]): Promise<number> {
  const ids = [...user_ids]
  const [, [told]] = await Promise.all([
    // In one order, so that two changes at once do not wait for one another.
    tx.query('select from auth.users where id = any($1::uuid[]) order by id for no key update', [ids]),
    tx.query<{ longest: number }>(
      `with wanted as (
          select s.user_id, coalesce(jsonb_agg(g.display_name order by g.display_name) filter (where g.id is not null), '[]') as groups
            from postern.scim_users s left join postern.scim_members m on m.user_id = s.user_id
              left join postern.scim_groups g on g.id = m.group_id
            where s.user_id = any($1::uuid[]) group by s.user_id),
        changed as (
          update auth.users u set updated_at = now(),
              raw_app_meta_data = coalesce(u.raw_app_meta_data, '{}') || jsonb_build_object('groups', w.groups)
            from wanted w where u.id = w.user_id and u.raw_app_meta_data -> 'groups' is distinct from w.groups returning u.id),
        versions as (
          update postern.scim_users s set version = version + 1 from changed c where s.user_id = c.id)
        select coalesce(max(octet_length(groups::text)), 0) as longest from wanted`,
      [ids],
    ),
  ])
  return told?.longest ?? 0
}
