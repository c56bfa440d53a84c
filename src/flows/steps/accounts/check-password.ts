// Whether a new password is strong enough: length, character sets, and the list of breached passwords.
import { createHash } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { weakReasons } from '../../../crypto/password-policy.ts'
import { AuthError, invalid, unavailable } from '../../../errors.ts'

const pwnedSentence = 'Password is known to be weak and easy to guess, please choose a different one.'

/** What is wrong with a password, in the reference's words; no reasons when it is fine. */
export interface Weakness {
  message: string
  reasons: string[]
}

/** Judges a password against the policy; asks haveibeenpwned.org when that is configured (k-anonymity, 5 s). */
export async function findWeakness(ctx: Ctx, password: string): Promise<Weakness> {
  const { password_min_length: min_length, password_required_characters: required_characters } = ctx.config
  const { reasons, message } = weakReasons(password, { min_length, required_characters })
  if (!ctx.config.password_hibp_enabled || !(await isPwned(ctx, password))) return { reasons, message }
  return { reasons: [...reasons, 'pwned'], message: message === '' ? pwnedSentence : `${message} ${pwnedSentence}` }
}

/**
 * Lets only strong passwords of at most 72 bytes pass.
 * @throws AuthError 400 validation_failed over 72 bytes; 422 weak_password; 503 when the list is needed but out of reach
 */
export async function requireStrongPassword(ctx: Ctx, password: string): Promise<void> {
  if (Buffer.byteLength(password) > 72) throw invalid('Password cannot be longer than 72 characters')
  if (password.includes('\0')) throw invalid('password contains a character that cannot be stored')
  const { reasons, message } = await findWeakness(ctx, password)
  if (reasons.length > 0) throw new AuthError(422, 'weak_password', message, { reasons })
}

async function isPwned(ctx: Ctx, password: string): Promise<boolean> {
  const digest = createHash('sha1').update(password).digest('hex').toUpperCase()
  try {
    const response = await ctx.fetch(`https://api.pwnedpasswords.com/range/${digest.slice(0, 5)}`, {
      headers: { 'user-agent': ctx.config.password_hibp_user_agent },
      redirect: 'error',
      signal: AbortSignal.timeout(5000),
    })
    if (!response.ok) throw new Error(`status ${response.status}`)
    const rest = digest.slice(5)
    return (await response.text()).split('\n').some((line) => {
      const [suffix, count] = line.trim().split(':')
      return suffix === rest && Number(count) > 0
    })
  } catch (error) {
    if (ctx.config.password_hibp_fail_closed) throw unavailable(error)
    ctx.log.warn({ err: error }, 'breached passwords could not be checked')
    return false
  }
}
