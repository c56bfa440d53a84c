// A person sets a new password: what must be shown for it, and what it ends.
import type { Ctx, UserCtx } from '../../../context.ts'
import { hashesMatch, tokenHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { currentPasswordBudget, reauthenticationBudget } from '../../../limits/attempt-budget.ts'
import type { Queryable } from '../../../storage/db.ts'
import { upsertOwnIdentity } from '../../../storage/identities.ts'
import { clearAllTokens, consumeOneTimeToken } from '../../../storage/one-time-tokens.ts'
import { deleteSessions } from '../../../storage/sessions.ts'
import { type User, updateProviders, updateUser } from '../../../storage/users.ts'
import { audit } from '../records/audit.ts'
import { notify } from '../records/notify.ts'
import { excuseOutage, spend } from '../records/spend-attempt.ts'
import { methodsOf } from '../sessions/assurance.ts'
import type { Tx } from '../transact.ts'

/** A password that may be set, hashed; the reauthentication token that it uses up, if any. */
export interface PasswordChange {
  encrypted_password: string
  reauthentication_token: string | null
}

const recoveryMethods: ReadonlySet<unknown> = new Set(['otp', 'magiclink', 'recovery'])

/**
 * Checks what a change of password needs; null when none is asked for.
 * @throws AuthError 400 reauthentication_needed, current_password_required, current_password_invalid;
 *   422 reauthentication_not_valid, same_password
 */
export async function planPasswordChange(
  ctx: UserCtx,
  asked: { password?: string | undefined; current_password?: string | undefined; nonce: string },
): Promise<PasswordChange | null> {
  if (asked.password === undefined) return null
  const { user } = ctx.caller
  const { encrypted_password } = user
  const stored = encrypted_password === null ? null : ctx.column_cipher.decrypt(encrypted_password, user.id)
  const reauthentication_token = await requireReauthentication(ctx, asked.nonce)
  if (stored !== null) await requireCurrentPassword(ctx, user, stored, asked.current_password)
  if (stored !== null && (await ctx.hasher.verify(asked.password, stored)))
    throw new AuthError(422, 'same_password', 'New password should be different from the old password.')
  return {
    encrypted_password: ctx.column_cipher.encrypt(await ctx.hasher.hash(asked.password), user.id),
    reauthentication_token,
  }
}

/** A session older than a day has to prove itself with a code, where that is configured. */
async function requireReauthentication(ctx: UserCtx, nonce: string): Promise<string | null> {
  if (!ctx.config.security_update_password_require_reauthentication) return null
  const { user, session } = ctx.caller
  if (session && ctx.now() - Date.parse(`${session.created_at}`) < 86_400_000) return null
  if (nonce === '') throw new AuthError(400, 'reauthentication_needed', 'Password update requires reauthentication')
  const wrong = new AuthError(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')
  const attempt = await spend(ctx, [reauthenticationBudget, user.id])
  const { reauthentication_token: stored, reauthentication_sent_at: sent_at } = user
  const [address, life_s] = user.email
    ? [user.email, ctx.config.mailer_otp_exp]
    : [user.phone ?? '', ctx.config.sms_otp_exp]
  const isOld = sent_at === null || ctx.now() - Date.parse(sent_at) >= life_s * 1000
  if (!stored || isOld || !hashesMatch(stored, tokenHash(address, nonce))) throw wrong
  await attempt.giveBack()
  return stored
}

async function requireCurrentPassword(
  ctx: UserCtx,
  user: User,
  stored: string,
  shown: string | undefined,
): Promise<void> {
  if (!ctx.config.security_update_password_require_current_password) return
  if (methodsOf(ctx.caller.claims).some((method) => recoveryMethods.has(method))) return
  const sentence = 'Current password required when setting new password.'
  if (!shown) throw new AuthError(400, 'current_password_required', sentence)
  const attempt = await spend(ctx, [currentPasswordBudget, user.id])
  if (!(await excuseOutage(ctx, attempt, () => ctx.hasher.verify(shown, stored))))
    throw new AuthError(400, 'current_password_invalid', sentence)
  await attempt.giveBack()
}

/** Stores the password and ends pending tokens and other sessions. */
export async function changePassword(ctx: UserCtx, tx: Tx, user: User, change: PasswordChange): Promise<void> {
  const { session } = ctx.caller
  if (change.reauthentication_token !== null) {
    const used = await consumeOneTimeToken(tx, user.id, 'reauthentication_token', change.reauthentication_token)
    if (!used) throw new AuthError(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')
  }
  await clearAllTokens(tx, user.id)
  await Promise.all([
    updateUser(tx, user.id, { encrypted_password: change.encrypted_password }),
    deleteSessions(tx, user.id, session ? { except: session.id } : {}),
    audit(ctx, tx, user, 'user_updated_password'),
  ])
  await addIdentityOfPassword(ctx, tx, user, user)
  if (user.email) await notify(ctx, tx, 'password_changed', { user, to: user.email })
}

/**
 * The first password of a confirmed person makes the address a way to sign in, where that is switched on.
 * @param before the account as it was, which tells whether it had a password
 */
export async function addIdentityOfPassword(ctx: Ctx, tx: Queryable, before: User, user: User | null): Promise<void> {
  const { experimental_create_email_identity_on_password_set_enabled: enabled } = ctx.config
  if (!enabled || before.encrypted_password || !user?.email || user.email_confirmed_at === null) return
  if (user.is_sso_user || user.is_anonymous || user.identities.some(({ provider }) => provider === 'email')) return
  const identity_data = { sub: user.id, email: user.email, email_verified: true }
  await upsertOwnIdentity(tx, { user_id: user.id, provider: 'email', identity_data })
  await updateProviders(tx, user.id)
}
