// Soft deletion of an account: every row stays or goes as the reference leaves it.
import type { Queryable } from './db.ts'
import { deleteOneTimeTokens } from './one-time-tokens.ts'

/** What takes the place of names and addresses. */
export interface Obscured {
  email: string
  phone: string
  email_change: string
  phone_change: string
  provider_ids: { id: string; provider_id: string }[]
}

/** Deletes what schema postern keeps of an account, whose rows no cascade reaches; mails to it are not sent any more. */
export async function forgetUser(tx: Queryable, id: string): Promise<void> {
  await tx.query(
    `with credentials as (delete from postern.pending_credentials where user_id = $1),
        passwords as (delete from postern.foreign_passwords where user_id = $1),
        recovery as (delete from postern.recovery_code_sets where user_id = $1),
        devices as (delete from postern.trusted_devices where user_id = $1),
        provisioned as (delete from postern.scim_users where user_id = $1),
        tokens as (delete from postern.provider_tokens where identity_id in (select id from auth.identities where user_id = $1))
      delete from postern.outbox where user_id = $1`,
    [id],
  )
}

/** Obscures an account and deletes its sessions, factors, passkeys and tokens; when they were sent stays, as recorded. */
export async function softDeleteUser(tx: Queryable, id: string, obscured: Obscured): Promise<void> {
  await Promise.all([
    deleteOneTimeTokens(tx, id),
    tx.query(
      `update auth.users set email = $2, phone = $3, email_change = $4, phone_change = $5, encrypted_password = null,
          confirmation_token = '', recovery_token = '', email_change_token_current = '', email_change_token_new = '',
          phone_change_token = '',
          raw_app_meta_data = '{}', raw_user_meta_data = '{}', deleted_at = now(), updated_at = now() where id = $1`,
      [id, obscured.email, obscured.phone, obscured.email_change, obscured.phone_change],
    ),
    ...obscured.provider_ids.map((identity) =>
      tx.query(`update auth.identities set identity_data = '{}', provider_id = $2 where id = $1`, [
        identity.id,
        identity.provider_id,
      ]),
    ),
    tx.query('delete from auth.mfa_factors where user_id = $1', [id]),
    tx.query('delete from auth.webauthn_credentials where user_id = $1', [id]),
    tx.query('delete from auth.sessions where user_id = $1', [id]),
  ])
}
