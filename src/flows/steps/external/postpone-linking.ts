// Linking with PKCE happens at the exchange of the code: whoever sends somebody else to a provider in order to get
// their identity does not get the code, and who gets the code has no verifier (security ACC-19).
import type { Ctx } from '../../../context.ts'
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

interface PendingLinking {
  person: ExternalPerson
  tokens: ProviderTokens
}

/**
 * Keeps an identity until the code of its attempt is exchanged.
 * @throws AuthError 422 identity_already_exists
 */
export async function postponeLinking(
  ctx: Ctx,
  tx: Queryable,
  attempt: { id: string; user_id: string },
  link: PendingLinking,
): Promise<void> {
  await requireUnlinked(tx, link.person, attempt.user_id)
  const { answer: _, ...tokens } = link.tokens
  const kept: PendingLinking = { person: link.person, tokens: { ...tokens, answer: {} } }
  await storePendingLinking(tx, attempt.id, ctx.providers.box.seal(JSON.stringify(kept)))
}

/**
 * Links what a attempt kept, for a person who is still signed in; nothing for flows that link nothing.
 * @returns an error that the link must survive, or null
 * @throws AuthError 403 session_not_found, and as `linkIdentity`
 */
export async function finishPostponedLinking(
  ctx: Ctx,
  tx: Tx,
  attempt: { id: string; user_id: string },
): Promise<AuthError | null> {
  const sealed = await takePendingLinking(tx, attempt.id)
  if (sealed === null) return null
  if (!(await hasSession(tx, attempt.user_id)))
    throw new AuthError(403, 'session_not_found', 'The person who asked for the link is not signed in any more')
  const { person, tokens } = parseExactJson(ctx.providers.box.open(sealed)) as PendingLinking
  const { identity_id, refusal } = await linkIdentity(ctx, tx, person, attempt.user_id)
  await keepTokens(ctx, tx, identity_id, tokens)
  return refusal
}
