// The rows of an account that an administrator makes for an e-mail address.
import type { Ctx } from '../../../context.ts'
import type { Queryable } from '../../../storage/db.ts'
import { insertIdentity } from '../../../storage/identities.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import { insertUser } from '../../../storage/users.ts'

/** app_metadata of an account with an e-mail address. */
export const emailProviders = { provider: 'email', providers: ['email'] }

/** An account to be; identifiers are made beforehand, since its transaction may run again. */
export interface EmailAccount {
  id: string
  identity_id: string
  email: string
  /** The hash of its password; null for an account without one. */
  hash: string | null
  user_metadata: Metadata
  invited: boolean
}

/** Inserts the account, unconfirmed, and its identity. */
export async function insertEmailAccount(ctx: Ctx, tx: Queryable, account: EmailAccount): Promise<void> {
  const { id, identity_id, email, hash } = account
  await insertUser(tx, {
    id,
    aud: ctx.aud,
    role: ctx.config.jwt_default_group_name,
    email,
    encrypted_password: hash === null ? '' : ctx.column_cipher.encrypt(hash, id),
    raw_app_meta_data: emailProviders,
    raw_user_meta_data: account.user_metadata,
    invited: account.invited,
  })
  const identity_data = { sub: id, email, email_verified: false, phone_verified: false }
  await insertIdentity(tx, { id: identity_id, user_id: id, provider: 'email', provider_id: id, identity_data })
}
