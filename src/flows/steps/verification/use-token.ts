// What a proved link or code does: consumes the token, changes the account, and opens a session, in one transaction.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { issueAuthCode } from '../../../storage/flow-state.ts'
import { consumeOneTimeToken, type FoundToken, type TokenType } from '../../../storage/one-time-tokens.ts'
import { findUserById, updateProviders } from '../../../storage/users.ts'
import type { AddressKind } from '../one-time-tokens/address-kinds.ts'
import { requireNoBan } from '../requests/require-no-ban.ts'
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

/** Types of verification: what kind of address they prove, and the tokens that they look at, in their order. */
const verificationTypes: Record<string, { proves: AddressKind['name']; tokens: readonly PendingTokenType[] }> = {
  signup: { proves: 'email', tokens: ['confirmation_token'] },
  invite: { proves: 'email', tokens: ['confirmation_token'] },
  recovery: { proves: 'email', tokens: ['recovery_token'] },
  magiclink: { proves: 'email', tokens: ['recovery_token'] },
  email: { proves: 'email', tokens: ['confirmation_token', 'recovery_token'] },
  email_change: { proves: 'email', tokens: ['email_change_token_current', 'email_change_token_new'] },
  sms: { proves: 'phone', tokens: ['confirmation_token'] },
  phone_change: { proves: 'phone', tokens: ['phone_change_token'] },
}

type PendingTokenType = Exclude<TokenType, 'reauthentication_token'>

/** Kinds of tokens that a type of verification looks at; none for an unknown type, or one that proves another kind. */
export const tokensOfType = (type: string, proves: AddressKind['name']): readonly PendingTokenType[] => {
  const known = Object.hasOwn(verificationTypes, type) ? verificationTypes[type] : undefined
  return known?.proves === proves ? known.tokens : []
}

/** Whether a token has outlived its life: exclusive after so many seconds. */
export const isExpired = (ctx: Ctx, kind: AddressKind, { age_s }: FoundToken): boolean =>
  age_s === null || age_s >= kind.codeLife(ctx.config)

/** Whether a token was sent to the e-mail address that it would prove, and not to a phone (security rule 11). */
export function provesEmail({ token_type, relates_to, user }: FoundToken): boolean {
  const address = token_type === 'email_change_token_new' ? user.email_change : user.email
  return Boolean(address) && address?.toLowerCase() === relates_to
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
  requireNoBan(user)
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
