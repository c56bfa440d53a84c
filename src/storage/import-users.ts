// Accounts by the hundred, for imports: who is there already, and one statement for those that are not.
import type { Queryable } from './db.ts'
import { TRUSTED } from './pending-credentials.ts'
import { userColumns } from './portable-tables.ts'
import { instance_id } from './sql.ts'

/** Columns of auth.users by name, in the form that JSON has. */
export type UserColumns = Partial<Record<(typeof userColumns)[number] | 'encrypted_password', unknown>>

/** What an import knows of an account that is there already. */
export interface ExistingUser {
  id: string
  email: string | null
  phone: string | null
  email_is_confirmed: boolean
  /** Whether it is an account of single sign-on, of which several may share an address. */
  is_sso_user: boolean
  /** Providers of its identities. */
  providers: string[]
}

/** The accounts that have one of these ids, addresses or numbers. */
export async function findExistingUsers(
  db: Queryable,
  { ids, emails, phones }: { ids: string[]; emails: string[]; phones: string[] },
): Promise<ExistingUser[]> {
  return db.query<ExistingUser>(
    `select u.id, lower(u.email) as email, u.phone, u.email_confirmed_at is not null as email_is_confirmed, u.is_sso_user,
        array(select i.provider from auth.identities i where i.user_id = u.id) as providers
      from auth.users u where u.id in (
        select id from auth.users where id = any ($1::uuid[])
        union select id from auth.users
          where instance_id = '${instance_id}' and lower(email) = any ($2::text[]) and is_sso_user = false
        union select id from auth.users where phone = any ($3::text[]))`,
    [ids, emails, phones],
  )
}

/** The owners of identities; `key` is provider and id with a line break in between. */
export async function findIdentityOwners(
  db: Queryable,
  identities: readonly { provider: string; provider_id: string }[],
): Promise<{ key: string; user_id: string }[]> {
  return db.query(
    `select i.provider || E'\\n' || i.provider_id as key, i.user_id from auth.identities i
      join unnest($1::text[], $2::text[]) as w(provider, provider_id) using (provider, provider_id)`,
    [identities.map(({ provider }) => provider), identities.map(({ provider_id }) => provider_id)],
  )
}

const columns = [...userColumns, 'encrypted_password'] as const
const times = ['created_at', 'updated_at']

/** Inserts accounts; triggers of the application run for each. */
export async function insertUsers(tx: Queryable, rows: readonly UserColumns[]): Promise<void> {
  const values = columns.map((name) => (times.includes(name) ? `coalesce(r.${name}, now())` : `r.${name}`))
  await tx.query(
    `insert into auth.users (instance_id, ${columns.join(', ')}, confirmation_token, recovery_token, email_change_token_new, email_change)
      select '${instance_id}', ${values.join(', ')}, '', '', '', '' from json_populate_recordset(null::auth.users, $1::json) as r`,
    [JSON.stringify(rows)],
  )
}

/** Whether a line confirms an address of an account that nobody has proved an address of, or vouched for. */
const isConfirming = `(r.email_confirmed_at is not null or r.phone_confirmed_at is not null)
  and u.email_confirmed_at is null and u.phone_confirmed_at is null`

/** A password that came with a sign-up must not become good by a proof that is not its own (security rule 5). */
const unprovedPassword = `${isConfirming} and not exists (
  select from postern.pending_credentials p where p.user_id = u.id and p.token_hash = '${TRUSTED}')`

/** Columns that an update adds to. */
const objects = ['raw_app_meta_data', 'raw_user_meta_data']

/**
 * Changes the columns that are given, and no other; metadata is added to. A new address takes its identity along; what was
 * mailed to the old one ends, as does what was to prove an address that is now confirmed, with the password of its sign-up.
 * @returns how many accounts were there
 */
export async function updateUsers(
  tx: Queryable,
  changes: readonly { id: string; columns: UserColumns }[],
): Promise<number> {
  const set = columns
    .filter((name) => name !== 'id' && name !== 'updated_at')
    .map((name) => {
      const value = objects.includes(name) ? `coalesce(u.${name}, '{}') || r.${name}` : `r.${name}`
      const kept =
        name === 'encrypted_password' ? `case when ${unprovedPassword} then null else u.${name} end` : `u.${name}`
      return `${name} = case when '${name}' = any (c.said) then ${value} else ${kept} end`
    })
  const rows = await tx.query<{ id: string }>(
    `with c as (select id, said, columns from json_to_recordset($1::json) as c(id uuid, said text[], columns json)),
      moved as (
        delete from auth.one_time_tokens t using c, auth.users u, lateral json_populate_record(null::auth.users, c.columns) r
          where t.user_id = c.id and u.id = c.id
            and ('email' = any (c.said) and lower(r.email) is distinct from lower(u.email)
              or 'phone' = any (c.said) and r.phone is distinct from u.phone or ${isConfirming}))
      update auth.users u set ${set.join(', ')}, updated_at = coalesce(r.updated_at, now())
        from c, lateral json_populate_record(null::auth.users, c.columns) r where u.id = c.id returning u.id`,
    [JSON.stringify(changes.map(({ id, columns: said }) => ({ id, said: Object.keys(said), columns: said })))],
  )
  const ids = changes.flatMap(({ id, columns: said }) => ('email' in said || 'email_confirmed_at' in said ? id : []))
  if (ids.length > 0)
    await tx.query(
      `update auth.identities i set identity_data = i.identity_data
          || jsonb_build_object('email', u.email, 'email_verified', u.email_confirmed_at is not null), updated_at = now()
        from auth.users u where i.user_id = u.id and i.provider = 'email' and u.id = any ($1::uuid[]) and u.email is not null
          and (i.email is distinct from lower(u.email)
            or (i.identity_data -> 'email_verified')::text is distinct from (u.email_confirmed_at is not null)::text)`,
      [ids],
    )
  return rows.length
}

/** Adds the providers of identities to the app_metadata of their accounts, behind those that are there. */
export async function addProviders(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query(
    `update auth.users u set raw_app_meta_data = jsonb_build_object('provider', m.list -> 0) || coalesce(u.raw_app_meta_data, '{}')
          || jsonb_build_object('providers', coalesce(u.raw_app_meta_data -> 'providers', '[]') || m.list)
      from (select i.user_id, jsonb_agg(distinct i.provider) as list from auth.identities i join auth.users x on x.id = i.user_id
          where i.user_id = any ($1::uuid[]) and not coalesce(x.raw_app_meta_data -> 'providers', '[]') ? i.provider
          group by 1) m
      where u.id = m.user_id`,
    [ids],
  )
}

/** Takes the passwords of accounts that no address was proved for as they are: whoever imports vouches for them. */
export async function trustCredentials(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query(
    `insert into postern.pending_credentials (user_id, token_hash)
      select u.id, '${TRUSTED}' from auth.users u
        where u.id = any ($1::uuid[]) and u.email_confirmed_at is null and u.phone_confirmed_at is null
      on conflict do nothing`,
    [ids],
  )
}
