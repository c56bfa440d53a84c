// POST /token?grant_type=password: an address and a password for a session.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { attemptSubject, passwordBudget } from '../limits/attempt-budget.ts'
import { json, type Reply } from '../reply.ts'
import { countAttempt, giveBackAttempt } from '../storage/attempts.ts'
import { findForeignPassword } from '../storage/foreign-passwords.ts'
import { deleteSessions } from '../storage/sessions.ts'
import { type User, updateUser } from '../storage/users.ts'
import { findWeakness } from './steps/accounts/check-password.ts'
import { type AddressKind, kindOfAddress, requireEnabled } from './steps/one-time-tokens/address-kinds.ts'
import { askAttemptHook } from './steps/records/ask-attempt-hook.ts'
import { audit, auditAnonymously } from './steps/records/audit.ts'
import { type Attempt, excuseOutage, isOutage, spend } from './steps/records/spend-attempt.ts'
import { text } from './steps/requests/fields.ts'
import { issueSession, newSessionSecrets } from './steps/sessions/issue-session.ts'
import { transact } from './steps/transact.ts'

export const passwordBody = z.object({ email: text, phone: text, password: text })

const wrong = (): AuthError => new AuthError(400, 'invalid_credentials', 'Invalid login credentials')

/** Answers with a session when address and password match and the address is confirmed. */
export async function signInWithPassword(ctx: Ctx, body: z.infer<typeof passwordBody>): Promise<Reply> {
  const { email, phone, password } = body
  if (email !== '' && phone !== '') throw invalid('Only an email address or phone number should be provided on login.')
  if (email === '' && phone === '') throw invalid('missing email or phone')
  const kind = kindOfAddress(body)
  requireEnabled(ctx, kind, 422, 'logins')
  const address = kind.guess(body[kind.name])
  try {
    return await openSession(ctx, kind, address, password)
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) throw error
  }
  // It may be the same password in another form; what changes again is not waited for.
  return openSession(ctx, kind, address, password).catch((error: unknown) => {
    throw error instanceof ChangedMeanwhile ? wrong() : error
  })
}

/** The account has another password than the one that was checked. */
class ChangedMeanwhile extends Error {}

/** @throws ChangedMeanwhile when the password was changed while it was checked */
async function openSession(ctx: Ctx, kind: AddressKind, address: string, password: string): Promise<Reply> {
  // The budget is kept by address, so that known and unknown ones are counted alike (security rules 2 and 6).
  const attempt = spend(ctx, [passwordBudget, ctx.aud, address])
  const checked = await excuseOutage(ctx, attempt, () => checkPassword(ctx, kind, address, password, attempt))
  if (!checked.valid) {
    await requireSignIn(ctx, kind, checked)
    throw wrong()
  }
  return excuseOutage(ctx, attempt, async () => {
    await requireSignIn(ctx, kind, checked)
    return answerWithSession(ctx, kind, address, password, checked)
  })
}

/** Opens the session of somebody whose password was right. */
async function answerWithSession(
  ctx: Ctx,
  kind: AddressKind,
  address: string,
  password: string,
  { user, is_foreign }: Checked,
): Promise<Reply> {
  const weak = await findWeakness(ctx, password)
  const rehashed = await rehash(ctx, user, password, is_foreign)
  const secrets = newSessionSecrets(ctx)
  const session = await transact(ctx, async (tx) => {
    const opened = issueSession(ctx, tx, { user_id: user.id, method: 'password', secrets })
    const recorded = audit(ctx, tx, user, 'login', { provider: kind.name })
    const returned = giveBackAttempt(tx, passwordBudget.scope, attemptSubject(ctx.aud, address))
    const rewritten = rehashed === null ? null : updateUser(tx, user.id, { encrypted_password: rehashed })
    const [issued] = await Promise.all([opened, recorded, returned, rewritten])
    // Whoever changed it has ended the sessions of the account, and meant this one too.
    if (issued.user.encrypted_password !== user.encrypted_password) throw new ChangedMeanwhile()
    return issued
  })
  return json({ ...session.body, weak_password: weak.reasons.length > 0 ? weak : null })
}

/** An account, and whether the password is its own. */
interface Checked {
  user: User
  is_foreign: boolean
  valid: boolean
}

/**
 * The account of an address, with what its password came to; every wrong answer takes the same time and looks the same.
 * @param attempt is counted beside the look-up; no password is compared before it is
 */
async function checkPassword(
  ctx: Ctx,
  kind: AddressKind,
  address: string,
  password: string,
  attempt: Promise<Attempt>,
): Promise<Checked> {
  const storable = address.length <= 255 && !address.includes('\0')
  const [user] = await Promise.all([storable ? kind.find(ctx.db, address, ctx.aud) : null, attempt])
  const stored = user?.encrypted_password ?? null
  const foreign = user && stored === null ? await findForeignPassword(ctx.db, user.id) : null
  if (!user || (stored === null && foreign === null)) {
    await ctx.hasher.verifyNothing(password)
    throw wrong()
  }
  const valid = foreign
    ? await ctx.hasher.verifyForeign(password, foreign)
    : await ctx.hasher.verify(password, ctx.column_cipher.decrypt(stored ?? '', user.id))
  return { user, is_foreign: foreign !== null, valid }
}

/** Lets whoever has the password in, where the account may be used and the hook agrees; records who is not. */
async function requireSignIn(ctx: Ctx, kind: AddressKind, { user, valid }: Checked): Promise<void> {
  try {
    // Whoever is banned is let in by nobody, so that nobody is asked.
    if (!user.is_banned) await askVerificationHook(ctx, user, valid)
    if (!valid) throw wrong()
    if (user.is_banned) throw new AuthError(400, 'user_banned', 'User is banned')
    if (user[kind.confirmed_at] === null)
      throw new AuthError(400, `${kind.name}_not_confirmed`, `${kind.title} not confirmed`)
  } catch (error) {
    recordFailedSignIn(ctx, user, kind.name, error)
    throw error
  }
}

/** The hook sees right and wrong passwords and may refuse both. */
async function askVerificationHook(ctx: Ctx, user: User, valid: boolean): Promise<void> {
  const payload = { user_id: user.id, valid }
  const reply = await askAttemptHook(ctx, 'password_verification_attempt', payload).catch((error: unknown) => {
    if (valid || !isOutage(error)) throw error
    // Refused in any case, and as an unknown address is, for which no hook is asked (security rule 6).
    ctx.log.warn({ err: error, request_id: ctx.request_id }, 'the hook was not heard on a wrong password')
    return null
  })
  if (reply?.decision !== 'reject') return
  if (reply.should_logout_user) await deleteSessions(ctx.db, user.id)
  const message = reply.message || 'Further password verification attempts will be rejected.'
  throw new AuthError(400, 'invalid_credentials', message)
}

/**
 * The password in the form and under the key of now, where it was imported or encryption at rest wants it; else null. An
 * imported one that is longer than bcrypt reads stays as it is.
 */
async function rehash(ctx: Ctx, user: User, password: string, is_foreign: boolean): Promise<string | null> {
  if (is_foreign && Buffer.byteLength(password) > 72) return null
  if (!is_foreign && !ctx.column_cipher.isOutdated(user.encrypted_password ?? '')) return null
  return ctx.column_cipher.encrypt(await ctx.hasher.hash(password), user.id)
}

/**
 * Records a sign-in to an account that was refused, at most once a minute for an account and an address. It is done
 * beside the answer, which takes as long for an address without an account (security rule 6).
 */
function recordFailedSignIn(ctx: Ctx, user: User, provider: string, error: unknown): void {
  if (!(error instanceof AuthError) || error.status >= 500) return
  const address = user.email ? { user_email: user.email } : { user_phone: user.phone ?? '' }
  const traits = { user_id: user.id, ...address, provider, error_code: error.code }
  const recorded = record(ctx, user.id, traits).catch((problem: unknown) =>
    ctx.log.warn({ err: problem }, 'a failed sign-in could not be recorded'),
  )
  ctx.beside.add(recorded)
}

async function record(ctx: Ctx, user_id: string, traits: Record<string, unknown>): Promise<void> {
  const subject = attemptSubject(user_id, ctx.client_address)
  const { allowed } = await countAttempt(ctx.db, 'login_failed', subject, 1, 60)
  if (allowed) await auditAnonymously(ctx, ctx.db, 'login_failed', traits)
}
