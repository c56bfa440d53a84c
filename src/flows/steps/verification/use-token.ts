// What a proved link or code does: consumes the token, changes the account, and opens a session, in one transaction.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { issueAuthCode } from '../../../storage/flow-state.ts'
import { consumeOneTimeToken, type FoundToken, type TokenType } from '../../../storage/one-time-tokens.ts'
import { findUserById, updateProviders } from '../../../storage/users.ts'
import { issueSession, newSessionSecrets, type TokenAnswer } from '../sessions/issue-session.ts'
import { transact } from '../transact.ts'
import { confirmEmail, confirmPhone, recover } from './confirm-address.ts'
import { completeEmailChange } from './email-change.ts'
import { completePhoneChange } from './phone-change.ts'

/** A token whose link or code was shown, with the type that the caller named. */
export interface ProvenToken extends FoundToken {
  type: string
  /** A link was followed: PKCE flows get an auth code instead of a session. */
  is_link?: boolean
}

/** What came of it: a session, an auth code to exchange, or half of a change of address. */
export type Verified =
  | { kind: 'session'; session: TokenAnswer; type: string }
  | { kind: 'code'; auth_code: string }
  | { kind: 'half way' }

const kinds: Record<string, TokenType[]> = {
  signup: ['confirmation_token'],
  invite: ['confirmation_token'],
  recovery: ['recovery_token'],
  magiclink: ['recovery_token'],
  email: ['confirmation_token', 'recovery_token'],
  email_change: ['email_change_token_current', 'email_change_token_new'],
  sms: ['confirmation_token'],
  phone_change: ['phone_change_token'],
}

/** Kinds of tokens that a verification type looks at; none for an unknown type. */
export const kindsOfType = (type: string): TokenType[] => (Object.hasOwn(kinds, type) ? (kinds[type] ?? []) : [])

/** Whether a token has outlived its life: exclusive after so many seconds. */
export function isExpired(ctx: Ctx, { token_type, age_s, user }: FoundToken): boolean {
  const by_phone = token_type === 'phone_change_token' || (token_type === 'confirmation_token' && !user.email)
  const life = by_phone ? ctx.config.sms_otp_exp : ctx.config.mailer_otp_exp
  return age_s === null || age_s >= life
}

/** Method of a flow that a link of a type continues. */
const flowMethods: Record<string, string> = {
  signup: 'email/signup',
  invite: 'invite',
  recovery: 'recovery',
  magiclink: 'magiclink',
  email_change: 'email_change',
}

/**
 * Uses a token up and does what its type says.
 * @param lost the error for whoever comes second
 * @throws AuthError 403 user_banned; 400 flow_state_not_found
 */
export async function useToken(ctx: Ctx, proven: ProvenToken, lost: () => AuthError): Promise<Verified> {
  const { user, token_type, token_hash } = proven
  if (user.is_banned) throw new AuthError(403, 'user_banned', 'User is banned')
  const type = effectiveType(proven)
  const secrets = newSessionSecrets(ctx)
  const outcome = await transact<Verified>(ctx, async (tx) => {
    if (!(await consumeOneTimeToken(tx, user.id, token_type, token_hash))) throw lost()
    const current = await findUserById(tx, user.id)
    if (!current) throw lost()
    if (type === 'signup' || type === 'invite') await confirmEmail(ctx, tx, current, token_hash)
    else if (type === 'recovery' || type === 'magiclink') await recover(ctx, tx, current)
    else if (type === 'sms') await confirmPhone(ctx, tx, current, token_hash)
    else if (type === 'phone_change') await completePhoneChange(ctx, tx, current)
    else if (!(await completeEmailChange(ctx, tx, current))) return { kind: 'half way' }
    await updateProviders(tx, user.id)
    if (token_hash.startsWith('pkce_') && proven.is_link) {
      const flow = await issueAuthCode(tx, user.id, flowMethods[type] ?? type)
      if (!flow?.auth_code)
        throw new AuthError(
          400,
          'flow_state_not_found',
          'No associated flow state found. 422: No valid flow state found for user.',
        )
      return { kind: 'code', auth_code: flow.auth_code }
    }
    return {
      kind: 'session',
      type,
      session: await issueSession(ctx, tx, { user_id: user.id, method: 'otp', secrets }),
    }
  })
  return outcome
}

/** `email` means whichever of the two kinds was found. */
function effectiveType({ type, token_type }: ProvenToken): string {
  if (type !== 'email') return type
  return token_type === 'confirmation_token' ? 'signup' : 'magiclink'
}
