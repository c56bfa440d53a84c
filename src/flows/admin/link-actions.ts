// What a link that an administrator asks for does to the account: stores its token, creates who is not there yet.
import { randomUUID } from 'node:crypto'
import type { AdminCtx } from '../../context.ts'
import { unusableHash } from '../../crypto/codes.ts'
import { invalid } from '../../errors.ts'
import type { Metadata } from '../../storage/metadata.ts'
import { consumeOneTimeToken, storeOneTimeToken } from '../../storage/one-time-tokens.ts'
import { storePendingCredentials, TRUSTED } from '../../storage/pending-credentials.ts'
import { NOW } from '../../storage/sql.ts'
import { findRegisteredByEmail, findUserById, type User, updateUser } from '../../storage/users.ts'
import { asDatabaseFailure } from '../steps/accounts/as-database-failure.ts'
import { requireStrongPassword } from '../steps/accounts/check-password.ts'
import { type EmailAccount, emailProviders, insertEmailAccount } from '../steps/accounts/insert-email-account.ts'
import { mergeMetadata } from '../steps/accounts/merge-metadata.ts'
import { askBeforeUserCreated, tellAfterUserCreated } from '../steps/accounts/user-created-hooks.ts'
import type { OneTimeToken } from '../steps/one-time-tokens/one-time-token.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { emailExists } from '../steps/requests/addresses.ts'
import { type Tx, transact } from '../steps/transact.ts'

/** A link that is asked for. */
export interface LinkRequest {
  email: string
  existing: User | null
  token: OneTimeToken
  data: Metadata
  /** null for an account whose password nobody is to know. */
  password: string | null
  /** Normalised; `''` but for changes of address. */
  new_email: string
}

/** Recovery and magic link: the token of a known account. */
export async function linkToSignIn(ctx: AdminCtx, { existing, token }: LinkRequest): Promise<User | null> {
  if (!existing) return null
  const { id } = existing
  return transact(ctx, async (tx) => {
    await audit(ctx, tx, existing, 'user_recovery_requested')
    await storeOneTimeToken(tx, { user_id: id, ...token })
    return findUserById(tx, id)
  })
}

/**
 * Sign-up: a new account, or the one that waits for its confirmation, whose metadata the new ones are merged into.
 * @throws AuthError 422 email_exists, weak_password; 400 validation_failed without a password
 */
export async function linkToSignUp(ctx: AdminCtx, request: LinkRequest): Promise<User | null> {
  const { existing, password } = request
  if (existing && existing.email_confirmed_at !== null) throw emailExists()
  if (!existing && password === '') throw invalid('Signup requires a valid password')
  if (password) await requireStrongPassword(ctx, password)
  const hash = password ? await ctx.hasher.hash(password) : null
  if (!existing) return createForLink(ctx, request, { hash: hash ?? unusableHash(ctx.random), invited: false })
  const raw_user_meta_data = mergeMetadata(existing.raw_user_meta_data, request.data)
  const encrypted_password = hash && ctx.column_cipher.encrypt(hash, existing.id)
  return takeOver(ctx, existing, request.token, { encrypted_password, user_metadata: request.data }, async (tx) =>
    updateUser(tx, existing.id, { raw_user_meta_data }),
  )
}

/**
 * Invitation: a new account without a password, or one that was never confirmed.
 * @throws AuthError 422 email_exists
 */
export async function linkToInvitation(ctx: AdminCtx, request: LinkRequest): Promise<User | null> {
  const { existing, email } = request
  if (!existing) return createForLink(ctx, request, { hash: null, invited: true })
  if (existing.email_confirmed_at !== null) throw emailExists()
  const user_metadata = existing.invited_at === null ? request.data : existing.raw_user_meta_data
  const credentials = { encrypted_password: null, user_metadata }
  return takeOver(ctx, existing, request.token, credentials, async (tx) => {
    await updateUser(tx, existing.id, { invited_at: NOW })
    await auditInvitation(ctx, tx, existing.id, email)
  })
}

/**
 * Change of address: the token for the current or the new one.
 * @throws AuthError 422 email_exists
 */
export async function linkToAddressChange(
  ctx: AdminCtx,
  { existing, token, new_email }: LinkRequest,
): Promise<User | null> {
  if (!existing) return null
  const { id } = existing
  if (await findRegisteredByEmail(ctx.db, new_email)) throw emailExists()
  return transact(ctx, async (tx) => {
    // A token of before proves another address than the one that it would set.
    if (existing.email_change !== new_email)
      for (const type of ['email_change_token_new', 'email_change_token_current'] as const)
        await consumeOneTimeToken(tx, id, type, existing[type] ?? '')
    await updateUser(tx, id, { email_change: new_email, email_change_confirm_status: 0 })
    await storeOneTimeToken(tx, { user_id: id, ...token })
    return findUserById(tx, id)
  })
}

/** Creates the account between the two hooks; an administrator answers for its password and metadata. */
async function createForLink(
  ctx: AdminCtx,
  { email, data: user_metadata, token }: LinkRequest,
  { hash, invited }: Pick<EmailAccount, 'hash' | 'invited'>,
): Promise<User | null> {
  const id = randomUUID()
  await askBeforeUserCreated(ctx, { id, aud: ctx.aud, email, app_metadata: emailProviders, user_metadata })
  const account = { id, identity_id: randomUUID(), email, hash, user_metadata, invited }
  const user = await transact(ctx, async (tx) => {
    await insertEmailAccount(ctx, tx, account)
    if (invited) await auditInvitation(ctx, tx, id, email)
    await storePendingCredentials(tx, id, { token_hash: TRUSTED, encrypted_password: null, user_metadata: null })
    await storeOneTimeToken(tx, { user_id: id, ...token })
    return findUserById(tx, id)
  }).catch(asDatabaseFailure('Database error saving new user'))
  if (user) await tellAfterUserCreated(ctx, user)
  return user
}

/** Whoever follows the link proves the address: what was set before by somebody who did not ends then (rule 5). */
async function takeOver(
  ctx: AdminCtx,
  { id }: User,
  token: OneTimeToken,
  credentials: { encrypted_password: string | null; user_metadata: Metadata | null },
  change: (tx: Tx) => Promise<void>,
): Promise<User | null> {
  return transact(ctx, async (tx) => {
    await change(tx)
    await storePendingCredentials(tx, id, { token_hash: token.token_hash, ...credentials })
    await storeOneTimeToken(tx, { user_id: id, ...token })
    return findUserById(tx, id)
  })
}

const auditInvitation = (ctx: AdminCtx, tx: Tx, user_id: string, user_email: string): Promise<void> =>
  audit(ctx, tx, administrator(ctx), 'user_invited', { user_id, user_email })
