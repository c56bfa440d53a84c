// A request for authorization that waits for its person (RFC 6749 §4.1.1): its row, and what it asks beyond the columns of that.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { insertAuthorizationDetails } from '../../storage/authorization-details.ts'
import type { Queryable } from '../../storage/db.ts'
import { insertOAuthAuthorization } from '../../storage/oauth-authorizations.ts'
import { type AuthorizationParameters, wordsOf } from './authorization-parameters.ts'
import { isOn } from './oauth-client.ts'

/** What is asked of the sign-in (OpenID Connect Core §3.1.2.1). */
export const promptOf = (ctx: Ctx, { prompt, max_age }: AuthorizationParameters) =>
  isOn(ctx, 'prompt')
    ? { prompt: wordsOf(prompt).join(' ') || null, max_age_s: max_age === '' ? null : Number(max_age) }
    : { prompt: null, max_age_s: null }

/** The key that a code is to be bound to, as parameters name it (RFC 9449 §10); null for none. */
export const namedKey = (ctx: Ctx, { dpop_jkt }: AuthorizationParameters): string | null =>
  isOn(ctx, 'dpop') ? dpop_jkt || null : null

interface Waiting {
  authorization_id: string
  client_id: string
  scope: string
  asked: AuthorizationParameters
  /** Thumbprint of the key that the code is bound to; null for none. */
  jkt: string | null
}

/** Seconds that a request waits for its person. */
export const requestLife_s = ({ config }: Ctx): number => config.oauth_server_authorization_ttl / 1000

/** Keeps a request, for so many seconds of its life as are left. */
export async function keepAuthorizationRequest(
  ctx: Ctx,
  db: Queryable,
  { authorization_id, client_id, scope, asked, jkt }: Waiting,
  left_s = requestLife_s(ctx),
): Promise<void> {
  const id = randomUUID()
  const row = {
    id,
    authorization_id,
    client_id,
    redirect_uri: asked.redirect_uri,
    scope,
    state: asked.state || null,
    resource: asked.resource || null,
    nonce: asked.nonce || null,
    code_challenge: asked.code_challenge,
    code_challenge_method: 's256',
  }
  await insertOAuthAuthorization(db, row, left_s)
  const details = { jkt, ...promptOf(ctx, asked) }
  if (Object.values(details).every((detail) => detail === null)) return
  await insertAuthorizationDetails(db, id, { ...details, age_s: requestLife_s(ctx) - left_s })
}
