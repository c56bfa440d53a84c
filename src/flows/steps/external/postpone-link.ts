// Linking with PKCE happens at the exchange of the code: whoever sends somebody else to a provider in order to get
// their identity does not get the code, and who gets the code has no verifier (security ACC-19).
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { parseExactJson } from '../../../exact-json.ts'
import type { ProviderTokens } from '../../../providers/provider.ts'
import type { Queryable } from '../../../storage/db.ts'
import { storePendingLink, takePendingLink } from '../../../storage/pending-links.ts'
import { hasSession } from '../../../storage/sessions.ts'
import type { Tx } from '../transact.ts'
import type { ExternalPerson } from './decide-linking.ts'
import { keepTokens } from './keep-tokens.ts'
import { linkToUser, requireUnlinked } from './link-to-user.ts'

interface PendingLink {
  person: ExternalPerson
  tokens: ProviderTokens
}

/**
 * Keeps an identity until the code of its flow is exchanged.
 * @throws AuthError 422 identity_already_exists
 */
export async function postponeLink(
  ctx: Ctx,
  tx: Queryable,
  flow: { id: string; user_id: string },
  link: PendingLink,
): Promise<void> {
  await requireUnlinked(tx, link.person, flow.user_id)
  const { answer: _, ...tokens } = link.tokens
  const kept: PendingLink = { person: link.person, tokens: { ...tokens, answer: {} } }
  await storePendingLink(tx, flow.id, ctx.providers.box.seal(JSON.stringify(kept)))
}

/**
 * Links what a flow kept, for a person who is still signed in; nothing for flows that link nothing.
 * @returns an error that the link must survive, or null
 * @throws AuthError 403 session_not_found, and as `linkToUser`
 */
export async function linkPostponed(
  ctx: Ctx,
  tx: Tx,
  flow: { id: string; user_id: string },
): Promise<AuthError | null> {
  const sealed = await takePendingLink(tx, flow.id)
  if (sealed === null) return null
  if (!(await hasSession(tx, flow.user_id)))
    throw new AuthError(403, 'session_not_found', 'The person who asked for the link is not signed in any more')
  const { person, tokens } = parseExactJson(ctx.providers.box.open(sealed)) as PendingLink
  const { identity_id, refusal } = await linkToUser(ctx, tx, person, flow.user_id)
  await keepTokens(ctx, tx, identity_id, tokens)
  return refusal
}
