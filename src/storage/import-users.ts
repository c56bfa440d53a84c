// Accounts by the hundred, for imports: what is there already, and one statement a table for those that are not.
import type { ForeignHash } from '../crypto/foreign-hash.ts'
import type { Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'
import { TRUSTED } from './pending-credentials.ts'
import { instance_id } from './sql.ts'

/** An account to be imported; times are RFC 3339. */
export interface ImportedUser {
  id: string
  aud: string
  role: string
  email: string | null
  phone: string | null
  encrypted_password: string | null
  foreign_password: ForeignHash | null
  email_confirmed_at: string | null
  phone_confirmed_at: string | null
  invited_at: string | null
  last_sign_in_at: string | null
  created_at: string | null
  updated_at: string | null
  banned_until: string | null
  is_anonymous: boolean
  raw_app_meta_data: Metadata
  raw_user_meta_data: Metadata
  identities: ImportedIdentity[]
}

/** A way to sign in of an account to be imported. */
export interface ImportedIdentity {
  id: string
  provider: string
  provider_id: string
  identity_data: Metadata
  last_sign_in_at: string | null
  created_at: string | null
  updated_at: string | null
}

/** An account that is there already. */
export interface ExistingUser {
  id: string
  email: string | null
  phone: string | null
}

/** The accounts that have an id, address or number of those to be imported. */
export async function findExistingUsers(db: Queryable, users: readonly ImportedUser[]): Promise<ExistingUser[]> {
  const aud = users[0]?.aud ?? ''
  return db.query<ExistingUser>(
    `select id, lower(email) as email, phone from auth.users where id = any ($1::uuid[])
      union select id, lower(email), phone from auth.users
        where instance_id = '${instance_id}' and lower(email) = any ($2::text[]) and aud = $4 and is_sso_user = false
      union select id, lower(email), phone from auth.users where phone = any ($3::text[])`,
    [
      users.map(({ id }) => id),
      users.flatMap(({ email }) => email ?? []),
      users.flatMap(({ phone }) => phone ?? []),
      aud,
    ],
  )
}

const columns = `r.id, r.aud, r.role, r.email, r.phone, r.encrypted_password, r.email_confirmed_at, r.phone_confirmed_at,
  r.invited_at, r.last_sign_in_at, r.raw_app_meta_data, r.raw_user_meta_data, r.banned_until, r.is_anonymous`
const types = `r(id uuid, aud text, role text, email text, phone text, encrypted_password text, email_confirmed_at timestamptz,
  phone_confirmed_at timestamptz, invited_at timestamptz, last_sign_in_at timestamptz, raw_app_meta_data jsonb,
  raw_user_meta_data jsonb, banned_until timestamptz, is_anonymous boolean, created_at timestamptz, updated_at timestamptz)`

/** Inserts accounts; triggers of the application run for each. */
export async function insertUsers(tx: Queryable, users: readonly ImportedUser[]): Promise<void> {
  await tx.query(
    `insert into auth.users (instance_id, id, aud, role, email, phone, encrypted_password, email_confirmed_at, phone_confirmed_at,
        invited_at, last_sign_in_at, raw_app_meta_data, raw_user_meta_data, banned_until, is_anonymous, is_sso_user,
        confirmation_token, recovery_token, email_change_token_new, email_change, created_at, updated_at)
      select '${instance_id}', ${columns}, false, '', '', '', '', coalesce(r.created_at, now()), coalesce(r.updated_at, now())
        from json_to_recordset($1::json) as ${types}`,
    [rowsOf(users)],
  )
  await insertParts(tx, users)
}

/** Brings accounts that are there to what an import says of them; what it does not say stays. */
export async function updateUsers(tx: Queryable, users: readonly ImportedUser[]): Promise<void> {
  await tx.query(
    `update auth.users u set email = coalesce(r.email, u.email), phone = coalesce(r.phone, u.phone), role = r.role,
        encrypted_password = case when r.encrypted_password is not null or r.has_foreign then r.encrypted_password
          else u.encrypted_password end,
        email_confirmed_at = coalesce(r.email_confirmed_at, u.email_confirmed_at),
        phone_confirmed_at = coalesce(r.phone_confirmed_at, u.phone_confirmed_at), banned_until = r.banned_until,
        raw_app_meta_data = coalesce(u.raw_app_meta_data, '{}') || r.raw_app_meta_data,
        raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}') || r.raw_user_meta_data, updated_at = now()
      from json_to_recordset($1::json) as ${types.slice(0, -1)}, has_foreign boolean) where u.id = r.id`,
    [rowsOf(users)],
  )
  await tx.query('delete from postern.foreign_passwords where user_id = any ($1::uuid[])', [
    users.flatMap(({ id, encrypted_password, foreign_password }) => (encrypted_password || foreign_password ? id : [])),
  ])
  await insertParts(tx, users)
}

const rowsOf = (users: readonly ImportedUser[]) =>
  users.map(({ identities, foreign_password, ...row }) => ({ ...row, has_foreign: foreign_password !== null }))

async function insertParts(tx: Queryable, users: readonly ImportedUser[]): Promise<void> {
  const identities = users.flatMap((user) => user.identities.map((identity) => ({ ...identity, user_id: user.id })))
  const foreign = users.flatMap(({ id, foreign_password: params }) =>
    params ? { user_id: id, scheme: params.scheme, params } : [],
  )
  const unproved = users.flatMap(({ id, email_confirmed_at, phone_confirmed_at }) =>
    email_confirmed_at === null && phone_confirmed_at === null ? id : [],
  )
  await Promise.all([
    tx.query(
      `insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
        select r.id, r.user_id, r.provider, r.provider_id, r.identity_data, r.last_sign_in_at, coalesce(r.created_at, now()),
            coalesce(r.updated_at, now())
          from json_to_recordset($1::json) as r(id uuid, user_id uuid, provider text, provider_id text, identity_data jsonb,
            last_sign_in_at timestamptz, created_at timestamptz, updated_at timestamptz)
        on conflict (provider_id, provider) do nothing`,
      [identities],
    ),
    tx.query(
      `insert into postern.foreign_passwords (user_id, scheme, params)
        select r.user_id, r.scheme, r.params from json_to_recordset($1::json) as r(user_id uuid, scheme text, params jsonb)`,
      [foreign],
    ),
    // Whoever imports vouches for the passwords, as an administrator who creates an account does.
    tx.query(
      `insert into postern.pending_credentials (user_id, token_hash) select id, '${TRUSTED}' from unnest($1::uuid[]) as id
        on conflict do nothing`,
      [unproved],
    ),
  ])
}

/** The last line of a file that an earlier run has done; 0 for none. */
export async function findImportedLine(db: Queryable, file_hash: string): Promise<number> {
  const [row] = await db.query<{ line: number }>('select line from postern.imports where file_hash = $1', [file_hash])
  return row?.line ?? 0
}

/** Notes how far a file is done, in the transaction of its accounts. */
export async function noteImportedLine(tx: Queryable, file_hash: string, line: number): Promise<void> {
  await tx.query(
    `insert into postern.imports (file_hash, line) values ($1, $2)
      on conflict (file_hash) do update set line = excluded.line, updated_at = now()`,
    [file_hash, line],
  )
}

/** Forgets a file that is done. */
export async function forgetImport(db: Queryable, file_hash: string): Promise<void> {
  await db.query('delete from postern.imports where file_hash = $1', [file_hash])
}
