// Keeps the tokens of a provider, sealed, where POSTERN_PROVIDER_TOKENS=store asks for it.
import type { Ctx } from '../../../context.ts'
import type { ProviderTokens } from '../../../providers/provider.ts'
import type { Queryable } from '../../../storage/db.ts'
import { storeProviderTokens } from '../../../storage/provider-tokens.ts'

/** What is sealed. */
export interface SealedTokens {
  access_token: string
  refresh_token: string
}

/** Whether tokens are kept at all. */
export const keepsTokens = ({ config }: Ctx): boolean => config.provider_tokens === 'store'

/** Keeps the tokens of an identity in the transaction that signs it in. */
export async function keepTokens(ctx: Ctx, tx: Queryable, identity_id: string, tokens: ProviderTokens): Promise<void> {
  if (!keepsTokens(ctx)) return
  const { access_token, refresh_token, expires_in } = tokens
  const kept: SealedTokens = { access_token, refresh_token }
  await storeProviderTokens(tx, { identity_id, sealed: ctx.sealer.seal(JSON.stringify(kept)), expires_in })
}
