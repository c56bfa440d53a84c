// Takes from an account all that people who never proved its address may have left there.
import type { Queryable } from './db.ts'
import type { Metadata } from './metadata.ts'

/** What the account keeps beside the address that was proved. */
export interface Stripped {
  user_id: string
  /** The identity that goes on, by its id or by the name of the account's own provider. */
  identity: { id: string } | { provider: 'email' | 'phone'; identity_data: Metadata }
  /** The other kind of address goes with its confirmation. */
  loses: 'email' | 'phone'
}

const lost = {
  email: `email = null, email_confirmed_at = null, email_change = '', email_change_token_new = '',
    email_change_token_current = '', email_change_confirm_status = 0, is_anonymous = false`,
  phone: `phone = null, phone_confirmed_at = null, phone_change = '', phone_change_token = '', is_anonymous = false`,
}

/**
 * Ends sessions, factors, passkeys, applications and identities of an account, and takes its other address away
 * (security rules 5 and 11).
 */
export async function stripAccount(tx: Queryable, { user_id, identity, loses }: Stripped): Promise<void> {
  const kept = 'id' in identity ? 'id = $2::uuid' : 'provider = $2::text'
  await tx.query(
    `with sessions as (delete from auth.sessions where user_id = $1),
        factors as (delete from auth.mfa_factors where user_id = $1),
        codes as (delete from postern.recovery_code_sets where user_id = $1),
        devices as (delete from postern.trusted_devices where user_id = $1),
        passkeys as (delete from auth.webauthn_credentials where user_id = $1),
        challenges as (delete from auth.webauthn_challenges where user_id = $1),
        authorizations as (delete from auth.oauth_authorizations where user_id = $1),
        consents as (delete from auth.oauth_consents where user_id = $1),
        attempts as (delete from auth.flow_state where linking_target_id = $1),
        identities as (delete from auth.identities where user_id = $1 and not (${kept}) returning id),
        tokens as (delete from postern.provider_tokens where identity_id in (select id from identities))
      update auth.users set ${lost[loses]} where id = $1`,
    [user_id, 'id' in identity ? identity.id : identity.provider],
  )
  if ('id' in identity) return
  await tx.query(
    `with replaced as (update auth.identities set identity_data = $3::jsonb
        where user_id = $1 and provider = $2 returning id)
      insert into auth.identities (user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
        select $1::uuid, $2::text, ($1::uuid)::text, $3::jsonb, now(), now(), now() where not exists (select from replaced)`,
    [user_id, identity.provider, identity.identity_data],
  )
}
