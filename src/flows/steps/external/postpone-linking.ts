// An identity is not linked at the callback: whoever sends somebody else to a provider in order to get their identity does
// not have what finishes it. With PKCE that is the verifier (security ACC-19), without it the secret of a page that asks
// the person who came back (security REV-06).
import type { Ctx } from '../../../context.ts'
import { hashesMatch, newLinkToken, randomHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { parseExactJson } from '../../../exact-json.ts'
import type { ProviderTokens } from '../../../providers/provider.ts'
import type { Queryable } from '../../../storage/db.ts'
import { storePendingLinking, takePendingLinking } from '../../../storage/pending-links.ts'
import { hasSession } from '../../../storage/sessions.ts'
import type { Tx } from '../transact.ts'
import type { ExternalPerson } from './decide-linking.ts'
import { keepTokens } from './keep-tokens.ts'
import { linkIdentity, requireUnlinked } from './link-identity.ts'
import { badState } from './load-attempt.ts'

/** What an attempt will link, to whom, and where the person goes on. */
export interface PendingLinking {
  user_id: string
  person: ExternalPerson
  tokens: ProviderTokens
  address: string
}

interface Sealed extends PendingLinking {
  /** Hash of the page's secret; null with PKCE. */
  secret_hash: string | null
}

/** What came of it: an error that the link must survive, or null. */
export interface Postponed {
  linking: PendingLinking
  refusal: AuthError | null
}

const signedOut = (): AuthError =>
  new AuthError(403, 'session_not_found', 'The person who asked for the link is not signed in any more')

/**
 * Keeps an identity until its person agrees or the code of its attempt is exchanged.
 * @returns the secret that agrees; of no use with PKCE
 * @throws AuthError 422 identity_already_exists
 */
export async function postponeLinking(
  ctx: Ctx,
  tx: Queryable,
  attempt: { id: string; is_pkce: boolean },
  linking: PendingLinking,
): Promise<string> {
  await requireUnlinked(tx, linking.person, linking.user_id)
  const secret = newLinkToken(ctx.random)
  const tokens = { ...linking.tokens, answer: {} }
  const sealed: Sealed = { ...linking, tokens, secret_hash: attempt.is_pkce ? null : randomHash(secret) }
  await storePendingLinking(tx, attempt.id, ctx.sealer.seal(JSON.stringify(sealed)))
  return secret
}

/**
 * Lets an attempt go on that links at once, where the session that asked for it still lives.
 * @throws AuthError 403 session_not_found
 */
export async function requireLinkingSession(tx: Queryable, attempt: { id: string; user_id: string }): Promise<void> {
  const asked = await takePendingLinking(tx, attempt.id)
  if (!(await hasSession(tx, attempt.user_id, asked?.session_id ?? null))) throw signedOut()
}

/**
 * Links what an attempt kept, for a session that still lives; nothing for attempts that link nothing.
 * @param secret what the page had; null where a verifier was shown
 * @throws AuthError 403 session_not_found; 400 bad_oauth_state for a wrong secret; and as `linkIdentity`
 */
export async function finishPostponedLinking(
  ctx: Ctx,
  tx: Tx,
  attempt_id: string,
  secret: string | null,
): Promise<Postponed | null> {
  const kept = await takePendingLinking(tx, attempt_id)
  if (!kept || kept.sealed === '') return null
  const { secret_hash, ...linking } = parseExactJson(ctx.sealer.open(kept.sealed)) as Sealed
  const isAgreed =
    secret_hash === null ? secret === null : secret !== null && hashesMatch(secret_hash, randomHash(secret))
  if (!isAgreed) throw badState('OAuth state not found or expired')
  if (kept.age_s * 1000 >= ctx.config.external_flow_state_expiry_duration) throw badState('OAuth state has expired')
  if (!(await hasSession(tx, linking.user_id, kept.session_id))) throw signedOut()
  const { identity_id, refusal } = await linkIdentity(ctx, tx, linking.person, linking.user_id)
  await keepTokens(ctx, tx, identity_id, linking.tokens)
  return { linking, refusal }
}
