// Table auth.users, read together with the identities and factors that belong to an account.
import type { Queryable } from './db.ts'
import type { Factor } from './factors.ts'
import { deleteForeignPassword } from './foreign-passwords.ts'
import type { Identity } from './identities.ts'
import type { Metadata } from './metadata.ts'
import type { RecoveryCodeSet } from './recovery-codes.ts'
import { assignments, type Changes, instance_id, NOW } from './sql.ts'

/** A row of auth.users with its identities (oldest first) and factors. */
export interface User {
  id: string
  aud: string | null
  role: string | null
  email: string | null
  /** Null for none, whichever of its two forms of none the column has. */
  encrypted_password: string | null
  email_confirmed_at: string | null
  invited_at: string | null
  confirmation_token: string | null
  confirmation_sent_at: string | null
  recovery_token: string | null
  recovery_sent_at: string | null
  email_change_token_new: string | null
  email_change: string | null
  email_change_sent_at: string | null
  email_change_token_current: string | null
  email_change_confirm_status: number | null
  last_sign_in_at: string | null
  raw_app_meta_data: Metadata | null
  raw_user_meta_data: Metadata | null
  created_at: string | null
  updated_at: string | null
  phone: string | null
  phone_confirmed_at: string | null
  phone_change: string | null
  phone_change_token: string | null
  phone_change_sent_at: string | null
  confirmed_at: string | null
  banned_until: string | null
  /** Whether a ban holds by the database's clock, or the company that manages the account has deactivated it (SCIM). */
  is_banned: boolean
  reauthentication_token: string | null
  reauthentication_sent_at: string | null
  is_sso_user: boolean
  deleted_at: string | null
  is_anonymous: boolean
  identities: Identity[]
  factors: Factor[]
  /** Null without a set, and once no other factor is verified. */
  recovery_codes: RecoveryCodeSet | null
}

/** A ban of its own: lifting others does not lift it, and it lifts no other. */
const isDeactivated = `exists (select from postern.scim_users d where d.user_id = u.id and not d.active)`

/** The select list of a whole account, for statements that name auth.users `u`. */
export const userColumns = `u.id, u.aud, u.role, u.email, nullif(u.encrypted_password, '') as encrypted_password,
  u.email_confirmed_at, u.invited_at,
  u.confirmation_token, u.confirmation_sent_at, u.recovery_token, u.recovery_sent_at, u.email_change_token_new,
  u.email_change, u.email_change_sent_at, u.email_change_token_current, u.email_change_confirm_status,
  u.last_sign_in_at, u.raw_app_meta_data, u.raw_user_meta_data, u.created_at, u.updated_at, u.phone,
  u.phone_confirmed_at, u.phone_change, u.phone_change_token, u.phone_change_sent_at, u.confirmed_at,
  u.banned_until, (coalesce(u.banned_until > now(), false) or ${isDeactivated}) as is_banned, u.reauthentication_token,
  u.reauthentication_sent_at, u.is_sso_user, u.deleted_at, u.is_anonymous,
  coalesce((select json_agg(i order by i.created_at, i.provider, i.id) from auth.identities i where i.user_id = u.id), '[]') as identities,
  coalesce((select json_agg(f order by f.updated_at, f.created_at, f.id) from auth.mfa_factors f where f.user_id = u.id), '[]') as factors,
  (select json_build_object('id', r.id, 'friendly_name', r.friendly_name, 'created_at', r.created_at, 'updated_at', r.updated_at)
    from postern.recovery_code_sets r where r.user_id = u.id
      and exists (select from auth.mfa_factors v where v.user_id = u.id and v.status = 'verified')) as recovery_codes`

/** An account by its id, or null. */
export async function findUserById(db: Queryable, id: string): Promise<User | null> {
  const [user] = await db.query<User>(`select ${userColumns} from auth.users u where u.id = $1`, [id])
  return user ?? null
}

/** Locks the row of an account until the transaction ends and reads it. */
export async function lockUser(tx: Queryable, id: string): Promise<User | null> {
  await holdUser(tx, id)
  return findUserById(tx, id)
}

/** Locks the row of an account until the transaction ends. */
export async function holdUser(tx: Queryable, id: string): Promise<void> {
  await tx.query('select from auth.users where id = $1 for no key update', [id])
}

/** The account that signs in with an address (lower case) in an audience; never one of an SSO provider. */
export async function findUserByEmail(db: Queryable, email: string, aud: string): Promise<User | null> {
  const [user] = await db.query<User>(
    `select ${userColumns} from auth.users u
      where u.instance_id = '${instance_id}' and lower(u.email) = $1 and u.aud = $2 and u.is_sso_user = false
      limit 1`,
    [email, aud],
  )
  return user ?? null
}

/** The account that signs in with a phone number (digits without a plus) in an audience. */
export async function findUserByPhone(db: Queryable, phone: string, aud: string): Promise<User | null> {
  const [user] = await db.query<User>(
    `select ${userColumns} from auth.users u
      where u.instance_id = '${instance_id}' and u.phone = $1 and u.aud = $2 and u.is_sso_user = false
      limit 1`,
    [phone, aud],
  )
  return user ?? null
}

/**
 * The account that keeps an address (lower case) from being registered again, in whatever audience: its own, or that of an
 * identity whose provider proved it.
 */
export async function findRegisteredByEmail(db: Queryable, email: string): Promise<User | null> {
  const [user] = await db.query<User>(
    `select ${userColumns} from auth.users u where u.id in (
          select id from auth.users where instance_id = '${instance_id}' and lower(email) = $1 and not is_sso_user
          union all
          select i.user_id from auth.identities i join auth.users h on h.id = i.user_id
            where i.email = $1 and not h.is_sso_user and h.email_confirmed_at is not null
              and (i.provider = 'email' or i.identity_data->'email_verified' = 'true'::jsonb))
      order by coalesce(lower(u.email) = $1, false) desc limit 1`,
    [email],
  )
  return user ?? null
}

/** The account that keeps a phone number from being registered again, in whatever audience. */
export async function findRegisteredByPhone(db: Queryable, phone: string): Promise<User | null> {
  const [user] = await db.query<User>(`select ${userColumns} from auth.users u where u.phone = $1 limit 1`, [phone])
  return user ?? null
}

/** What a new account is made of; the rest takes the reference's empty values. */
export interface NewUser {
  id: string
  aud: string
  role: string
  email?: string | null
  phone?: string | null
  /** The reference writes `''` for an invited or anonymous account without one, null for one of a provider. */
  encrypted_password: string | null
  raw_app_meta_data: Metadata
  raw_user_meta_data: Metadata | null
  email_confirmed?: boolean
  phone_confirmed?: boolean
  invited?: boolean
  is_anonymous?: boolean
  is_sso_user?: boolean
  banned_until?: string | null
}

/**
 * Inserts an account, without identities; triggers of the application run now. As in the reference they see an empty
 * role, which is set by a statement of its own.
 */
export async function insertUser(tx: Queryable, user: NewUser): Promise<void> {
  const inserted = tx.query(
    `insert into auth.users (instance_id, id, aud, role, email, phone, encrypted_password, raw_app_meta_data,
        raw_user_meta_data, email_confirmed_at, phone_confirmed_at, invited_at, is_anonymous, is_sso_user, banned_until,
        confirmation_token, recovery_token, email_change_token_new, email_change, created_at, updated_at)
      values ('${instance_id}', $1, $2, '', $3, $4, $5, $6::jsonb, $7::jsonb,
        case when $8::boolean then now() end, case when $9::boolean then now() end, case when $10::boolean then now() end,
        $11, $12, $13::timestamptz, '', '', '', '', now(), now())`,
    [
      user.id,
      user.aud,
      user.email ?? null,
      user.phone ?? null,
      user.encrypted_password,
      user.raw_app_meta_data,
      user.raw_user_meta_data,
      user.email_confirmed ?? false,
      user.phone_confirmed ?? false,
      user.invited ?? false,
      user.is_anonymous ?? false,
      user.is_sso_user ?? false,
      user.banned_until ?? null,
    ],
  )
  const named = tx.query('update auth.users set role = $2 where id = $1', [user.id, user.role])
  await Promise.all([inserted, named])
}

/** Changes columns of an account and moves `updated_at`; a password that is set or taken away ends an imported one too. */
export async function updateUser(tx: Queryable, id: string, changes: Changes): Promise<void> {
  const { text, values } = assignments({ ...changes, updated_at: NOW }, 1)
  const updated = tx.query(`update auth.users set ${text} where id = $1`, [id, ...values])
  await Promise.all([updated, changes.encrypted_password !== undefined && deleteForeignPassword(tx, id)])
}

/** Sets `raw_app_meta_data.provider` and `.providers` from the identities, oldest first. */
export async function updateProviders(tx: Queryable, id: string): Promise<void> {
  await tx.query(
    `update auth.users u set updated_at = now(), raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || (
        select case when count(*) = 0 then '{}'::jsonb
          else jsonb_build_object('provider', (array_agg(provider order by first, provider))[1], 'providers', jsonb_agg(provider order by first, provider)) end
        from (select provider, min(created_at) as first from auth.identities where user_id = u.id group by provider) p)
      where id = $1`,
    [id],
  )
}

/** Deletes an account and, by cascade, all that belongs to it; false when it was gone. */
export async function deleteUser(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query('delete from auth.users where id = $1 returning id', [id])
  return rows.length > 0
}
