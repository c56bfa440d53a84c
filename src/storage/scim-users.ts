// Table postern.scim_users: people whom the identity provider of a company manages, each an account.
import type { Param, Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'
import { type ScimColumns, type ScimFilter, type ScimPath, scimCondition, scimOrder } from './scim-filter.ts'
import { assignments, type Changes, NOW } from './sql.ts'

/** A person as the table has them, with the groups that they are in. */
export interface ScimUser {
  user_id: string
  identity_id: string
  user_name: string
  external_id: string | null
  active: boolean
  attributes: Metadata
  version: number
  created_at: string
  updated_at: string
  groups: { id: string; display_name: string }[]
}

/** Which rows of a list, in which order. */
export interface ScimSearch {
  filter: ScimFilter | null
  sort_by: ScimPath | null
  descending: boolean
  limit: number
  offset: number
}

const columns: ScimColumns = {
  own: {
    id: 's.user_id::text',
    userName: 's.user_name',
    externalId: 's.external_id',
    active: 's.active',
    'meta.created': 's.created_at',
    'meta.lastModified': 's.updated_at',
  },
  lists: {
    groups: {
      from: 'postern.scim_members m join postern.scim_groups g on g.id = m.group_id where m.user_id = s.user_id',
      fields: { value: 'g.id::text', display: 'g.display_name' },
    },
  },
  json: 's.attributes',
}

const selected = `s.user_id, s.identity_id, s.user_name, s.external_id, s.active, s.attributes, s.version, s.created_at, s.updated_at,
  coalesce((select json_agg(json_build_object('id', g.id, 'display_name', g.display_name) order by g.display_name)
    from postern.scim_members m join postern.scim_groups g on g.id = m.group_id where m.user_id = s.user_id), '[]') as groups`

/** A person of a provider, or null. */
export async function findScimUser(db: Queryable, provider_id: string, user_id: string): Promise<ScimUser | null> {
  const [row] = await db.query<ScimUser>(
    `select ${selected} from postern.scim_users s where s.sso_provider_id = $1 and s.user_id = $2`,
    [provider_id, user_id],
  )
  return row ?? null
}

/** The same with the account's row locked until the transaction ends, as every change of one does first. */
export async function lockScimUser(tx: Queryable, provider_id: string, user_id: string): Promise<ScimUser | null> {
  const [, row] = await Promise.all([
    tx.query(
      `select from auth.users where id = (select user_id from postern.scim_users where sso_provider_id = $1 and user_id = $2)
        for no key update`,
      [provider_id, user_id],
    ),
    findScimUser(tx, provider_id, user_id),
  ])
  return row
}

/** The people of a provider that a search finds, and how many there are in all. */
export async function searchScimUsers(
  db: Queryable,
  provider_id: string,
  search: ScimSearch,
): Promise<{ rows: ScimUser[]; total: number }> {
  const statement = searchStatement(columns, provider_id, search, 's.user_id')
  const [rows, [counted]] = await Promise.all([
    db.query<ScimUser>(
      `select ${selected} from postern.scim_users s where ${statement.where} ${statement.page}`,
      statement.params,
    ),
    db.query<{ total: number }>(
      `select count(*) as total from postern.scim_users s where ${statement.where}`,
      statement.counted,
    ),
  ])
  return { rows, total: counted?.total ?? 0 }
}

/** Parts of a statement that reads a list: the parameters of its count are those of `where` alone. */
export function searchStatement(table: ScimColumns, provider_id: string, search: ScimSearch, id: string) {
  const params: Param[] = []
  const place = (value: Param): string => `$${params.push(value)}`
  const scope = `s.sso_provider_id = ${place(provider_id)}`
  const where = search.filter === null ? scope : `${scope} and ${scimCondition(search.filter, table, place)}`
  const counted = [...params]
  const way = search.descending ? 'desc nulls last' : 'asc nulls last'
  const order = search.sort_by === null ? 's.created_at' : `${scimOrder(search.sort_by, table, place)} ${way}`
  const page = `order by ${order}, ${id} limit ${place(search.limit)} offset ${place(search.offset)}`
  return { where, page, params, counted }
}

/** What a new row is made of. */
export type NewScimUser = Omit<ScimUser, 'version' | 'created_at' | 'updated_at' | 'groups'> & {
  sso_provider_id: string
}

/** Adds a person, who is in no group; gives the row. */
export async function insertScimUser(tx: Queryable, user: NewScimUser): Promise<ScimUser | null> {
  const [row] = await tx.query<Omit<ScimUser, 'groups'>>(
    `insert into postern.scim_users (user_id, sso_provider_id, identity_id, user_name, external_id, active, attributes)
      values ($1, $2, $3, $4, $5, $6, $7::jsonb)
      returning user_id, identity_id, user_name, external_id, active, attributes, version, created_at, updated_at`,
    [
      user.user_id,
      user.sso_provider_id,
      user.identity_id,
      user.user_name,
      user.external_id,
      user.active,
      user.attributes,
    ],
  )
  return row ? { ...row, groups: [] } : null
}

/** Changes a person's row, which gets another version. */
export async function updateScimUser(tx: Queryable, user_id: string, changes: Changes): Promise<void> {
  const { text, values } = assignments({ ...changes, updated_at: NOW }, 1)
  await tx.query(`update postern.scim_users set ${text}, version = version + 1 where user_id = $1`, [
    user_id,
    ...values,
  ])
}

/**
 * The account that a person of a provider was provisioned as, by what their assertions call them: the id in the provider's
 * directory before the name that they sign in with.
 */
export async function findProvisionedAccount(db: Queryable, provider_id: string, name: string): Promise<string | null> {
  const [row] = await db.query<{ user_id: string }>(
    `select user_id from postern.scim_users where sso_provider_id = $1 and (external_id = $2 or lower(user_name) = lower($2))
      order by coalesce(external_id = $2, false) desc limit 1`,
    [provider_id, name],
  )
  return row?.user_id ?? null
}

/** Whether the name of one person is the id of another in the directory: assertions with it would mean either. */
export async function isAmbiguousUser(
  tx: Queryable,
  provider_id: string,
  { user_id, user_name, external_id }: Pick<ScimUser, 'user_id' | 'user_name' | 'external_id'>,
): Promise<boolean> {
  const rows = await tx.query(
    `select from postern.scim_users where sso_provider_id = $1 and user_id <> $2 and (external_id = $3 or lower(user_name) = lower($4)) limit 1`,
    [provider_id, user_id, user_name, external_id],
  )
  return rows.length > 0
}

/**
 * An account that signed in with a provider before it was provisioned, by any of the names that the provider has for the
 * person; never one that people other than the provider's sign in to.
 */
export async function findUnmanagedAccount(
  tx: Queryable,
  provider_id: string,
  names: readonly string[],
): Promise<{ user_id: string; identity_id: string } | null> {
  const [row] = await tx.query<{ user_id: string; identity_id: string }>(
    `select i.user_id, i.id as identity_id from auth.identities i join auth.users u on u.id = i.user_id
      where i.provider = 'sso:' || $1::text and i.provider_id = any($2::text[]) and u.is_sso_user and u.deleted_at is null
        and not exists (select from postern.scim_users s where s.user_id = u.id)
        and not exists (select from auth.identities o where o.user_id = u.id and o.provider like 'sso:%' and o.provider <> i.provider)
      order by array_position($2::text[], i.provider_id) limit 1`,
    [provider_id, [...names]],
  )
  return row ?? null
}

/** Adds to what is said of a person in the identity that they were provisioned with; one that has their name gets the new one. */
export async function updateProvisionedIdentity(
  tx: Queryable,
  id: string,
  name: { old: string; new: string },
  identity_data: Metadata,
): Promise<void> {
  await tx.query(
    `update auth.identities set provider_id = case when provider_id = $2 then $3 else provider_id end,
        identity_data = identity_data || $4::jsonb, updated_at = now() where id = $1`,
    [id, name.old, name.new, identity_data],
  )
}

/**
 * Ends what a provider manages, when it is removed: its groups go, its accounts stay, and those that it had deactivated are
 * banned for good, which an administrator may lift.
 */
export async function releaseScimUsers(tx: Queryable, provider_id: string): Promise<void> {
  await tx.query(
    `with banned as (
        update auth.users u set banned_until = greatest(u.banned_until, now() + interval '100 years'), updated_at = now()
          from postern.scim_users s where s.user_id = u.id and s.sso_provider_id = $1 and not s.active),
      groups as (delete from postern.scim_groups where sso_provider_id = $1)
      delete from postern.scim_users where sso_provider_id = $1`,
    [provider_id],
  )
}
