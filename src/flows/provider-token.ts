// GET /user/identities/{identity_id}/token: the provider's access token of an identity, fresh.
import { setTimeout as pause } from 'node:timers/promises'
import type { Ctx, UserCtx } from '../context.ts'
import { AuthError, unavailable } from '../errors.ts'
import { parseExactJson } from '../exact-json.ts'
import { TokenRefused } from '../providers/oauth2-client.ts'
import { json, type Reply } from '../reply.ts'
import type { Identity } from '../storage/identities.ts'
import {
  claimRefresh,
  deleteProviderTokens,
  findProviderTokens,
  type KeptTokens,
  releaseRefresh,
  storeProviderTokens,
} from '../storage/provider-tokens.ts'
import { utcTime } from './steps/answers/present-user.ts'
import { keepsTokens, type SealedTokens } from './steps/external/keep-tokens.ts'
import { resolveProvider } from './steps/external/resolve-provider.ts'
import { parseUuid } from './steps/requests/uuid.ts'
import { requireAal2 } from './steps/sessions/authenticate.ts'

/** Seconds before its end at which a token counts as expired. */
const early_s = 10
/** Seconds that whoever refreshes gets before somebody else may try. */
const patience_s = 12
const look_ms = 50

const signInAgain = 'sign in with the provider again'

/**
 * Answers `{access_token, expires_at?, provider}`. Of many requests at once one refreshes, the others wait for it.
 * @throws AuthError 404 feature_disabled or provider_token_not_found; 422 identity_not_found, provider_token_expired or
 *   provider_consent_withdrawn; 503 when the provider cannot be reached
 */
export async function providerToken(ctx: UserCtx): Promise<Reply> {
  if (!keepsTokens(ctx)) throw new AuthError(404, 'feature_disabled', 'Tokens of providers are not stored')
  const caller = ctx.caller
  requireAal2(caller)
  const id = parseUuid(ctx.path_params.identity_id ?? '')
  if (id === null) throw new AuthError(404, 'validation_failed', 'identity_id must be an UUID')
  const identity = caller.user.identities.find((own) => own.id === id)
  if (!identity) throw new AuthError(422, 'identity_not_found', "Identity doesn't exist")
  const deadline = ctx.now() + ctx.providers.budget_ms
  for (;;) {
    const kept = await findProviderTokens(ctx.db, id)
    if (!kept) throw notFound()
    if (isFresh(kept)) return answer(identity, open(ctx, kept).access_token, kept.expires_at)
    if (await claimRefresh(ctx.db, id, patience_s)) return await refresh(ctx, identity, open(ctx, kept))
    if (ctx.now() > deadline) throw unavailable(new Error('another request refreshes the tokens, without an end'))
    await pause(look_ms)
  }
}

const notFound = (): AuthError =>
  new AuthError(404, 'provider_token_not_found', `No token of the provider is stored for this identity: ${signInAgain}`)

/** A token without a known end counts as fresh. */
const isFresh = ({ expires_at, expires_in_s, claimed_s }: KeptTokens): boolean =>
  claimed_s === null && (expires_at === null || (expires_in_s ?? 0) > early_s)

const open = (ctx: Ctx, { sealed }: KeptTokens): SealedTokens => parseExactJson(ctx.sealer.open(sealed)) as SealedTokens

const answer = ({ provider }: Identity, access_token: string, expires_at: string | null): Reply =>
  json({ access_token, ...(expires_at !== null && { expires_at: utcTime(expires_at) }), provider })

async function refresh(ctx: Ctx, identity: Identity, { refresh_token }: SealedTokens): Promise<Reply> {
  const { id, provider: name } = identity
  try {
    if (refresh_token === '')
      throw new AuthError(
        422,
        'provider_token_expired',
        `The token has expired, and the provider gave none to refresh it with: ${signInAgain}`,
      )
    const provider = await resolveProvider(ctx, name)
    const tokens = await provider.refresh(refresh_token, AbortSignal.timeout(ctx.providers.budget_ms))
    // A provider that gives no new refresh token lets the old one live (RFC 6749 §6).
    const kept: SealedTokens = {
      access_token: tokens.access_token,
      refresh_token: tokens.refresh_token || refresh_token,
    }
    const sealed = ctx.sealer.seal(JSON.stringify(kept))
    await storeProviderTokens(ctx.db, { identity_id: id, sealed, expires_in: tokens.expires_in })
    const stored = await findProviderTokens(ctx.db, id)
    return answer(identity, tokens.access_token, stored?.expires_at ?? null)
  } catch (error) {
    if (error instanceof TokenRefused && error.reason === 'invalid_grant') {
      await deleteProviderTokens(ctx.db, id)
      const sentence = `The provider does not accept the consent any more: ${signInAgain}`
      throw new AuthError(422, 'provider_consent_withdrawn', sentence, { cause: error })
    }
    await releaseRefresh(ctx.db, id)
    throw error instanceof AuthError ? error : unavailable(error)
  }
}
