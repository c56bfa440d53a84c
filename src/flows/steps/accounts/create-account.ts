// Creates an account with an identity of its own, its first token and its first mail, in one transaction.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { insertPkceFlow } from '../../../storage/flow-state.ts'
import { insertIdentity } from '../../../storage/identities.ts'
import { findUserById, insertUser, type Metadata, type User } from '../../../storage/users.ts'
import { newEmailToken, prepareTokenMail, storeTokenMail } from '../one-time-tokens/token-mail.ts'
import { prepareSms, storeSms } from '../one-time-tokens/token-sms.ts'
import { audit } from '../records/audit.ts'
import type { Channel } from '../requests/addresses.ts'
import type { Challenge } from '../requests/pkce.ts'
import { transact } from '../transact.ts'
import { mergeMetadata } from './merge-metadata.ts'
import { askBeforeUserCreated } from './user-created-hooks.ts'

/** What a sign-up asks for, checked. */
export interface NewAccount {
  by: 'email' | 'phone'
  /** Normalised. */
  address: string
  aud: string
  /** A hash, or null for an account without a password. */
  encrypted_password: string | null
  data: Metadata
  channel: Channel
  challenge: Challenge | null
}

/** The identity_data of an account's own identity; the server's keys win over the caller's. */
export function ownIdentityData(id: string, by: 'email' | 'phone', address: string, data: Metadata): Metadata {
  return { ...data, sub: id, ...(by === 'email' && { email: address }), email_verified: false, phone_verified: false }
}

/**
 * Creates the account and reads it back, so that what triggers of the application changed is seen.
 * @param confirmed whether the address counts as confirmed; otherwise a code is sent
 */
export async function createAccount(ctx: Ctx, account: NewAccount, confirmed: boolean): Promise<User> {
  const { by, address, aud } = account
  const id = randomUUID()
  const identity_id = randomUUID()
  const identity_data = ownIdentityData(id, by, address, account.data)
  const app_metadata = { provider: by, providers: [by] }
  await askBeforeUserCreated(ctx, { id, aud, [by]: address, app_metadata, user_metadata: account.data })
  const mail = by === 'email' && !confirmed ? await confirmationMail(ctx, account, id, identity_data) : null
  const sms =
    by === 'phone' && !confirmed ? await prepareSms(ctx, 'confirmation_token', address, account.channel) : null
  const verified = confirmed && by === 'email' ? { email_verified: true } : {}
  const user = await transact(ctx, async (tx) => {
    const inserted = insertUser(tx, {
      id,
      aud,
      role: ctx.config.jwt_default_group_name,
      [by]: address,
      encrypted_password: account.encrypted_password,
      raw_app_meta_data: app_metadata,
      raw_user_meta_data: { ...mergeMetadata(null, identity_data), ...verified },
      email_confirmed: confirmed && by === 'email',
      phone_confirmed: confirmed && by === 'phone',
    })
    await inserted
    const actor = {
      id,
      email: by === 'email' ? address : null,
      phone: by === 'phone' ? address : null,
      is_sso_user: false,
      raw_user_meta_data: account.data,
    }
    const work: Promise<unknown>[] = [
      insertIdentity(tx, { id: identity_id, user_id: id, provider: by, provider_id: id, identity_data }),
    ]
    if (confirmed)
      work.push(
        audit(ctx, tx, actor, 'user_signedup', { provider: by, ...(by === 'phone' && { channel: account.channel }) }),
      )
    else work.push(audit(ctx, tx, actor, 'user_confirmation_requested', { provider: by }))
    if (account.challenge && !confirmed)
      work.push(insertPkceFlow(tx, { user_id: id, authentication_method: 'email/signup', ...account.challenge }))
    if (mail) work.push(storeTokenMail(ctx, tx, mail, () => findUserById(tx, id)))
    if (sms) work.push(storeSms(ctx, tx, sms, id))
    const read = Promise.all(work).then(() => null)
    const fresh = mail?.composed || confirmed ? findUserById(tx, id) : read.then(() => findUserById(tx, id))
    return (await Promise.all([fresh, read]))[0]
  })
  if (!user) throw new AuthError(500, 'unexpected_failure', 'Database error saving new user')
  return user
}

async function confirmationMail(ctx: Ctx, account: NewAccount, id: string, user_metadata: Metadata) {
  const token = newEmailToken(ctx, 'confirmation_token', account.address, account.challenge !== null)
  return prepareTokenMail(ctx, {
    kind: 'confirmation',
    to: account.address,
    token,
    user: { id, email: account.address, user_metadata },
  })
}
