// /admin/sso/providers/{id}/scim_tokens: by which the identity provider of a company manages its people (SCIM).
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { SsoProviderCtx } from '../../context.ts'
import { randomHash } from '../../crypto/codes.ts'
import { AuthError, invalid } from '../../errors.ts'
import { json, noContent, type Reply } from '../../reply.ts'
import { deleteScimToken, findScimTokens, insertScimToken, type ScimToken } from '../../storage/scim-tokens.ts'
import { utcTime } from '../steps/answers/present-user.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'
import { newScimToken, requireScim } from '../steps/requests/scim-token.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { transact } from '../steps/transact.ts'

/** Seconds of ten years. */
const longest = 315_360_000

export const scimTokenBody = z.object({
  name: text,
  expires_in: z.number().int().positive().max(longest).optional(),
})

const present = (token: ScimToken) => ({
  ...token,
  created_at: utcTime(token.created_at),
  last_used_at: token.last_used_at && utcTime(token.last_used_at),
  expires_at: token.expires_at && utcTime(token.expires_at),
})

/** Answers with the tokens of a provider, without what they are. */
export async function listScimTokens({ db, sso_provider }: SsoProviderCtx): Promise<Reply> {
  const tokens = await findScimTokens(db, sso_provider.id)
  return json({ scim_tokens: tokens.map(present) })
}

/** Makes a token, which is shown this once; `expires_in` are seconds. */
export async function createScimToken(ctx: SsoProviderCtx, body: z.infer<typeof scimTokenBody>): Promise<Reply> {
  requireScim(ctx)
  const name = body.name.trim()
  if (name === '' || name.length > 100) throw invalid('name must be 1 to 100 characters long')
  const token = newScimToken(ctx.random)
  const { id: sso_provider_id } = ctx.sso_provider
  const made = await transact(ctx, async (tx) => {
    const life_s = body.expires_in ?? null
    const row = { id: randomUUID(), sso_provider_id, name, token_hash: randomHash(token), life_s }
    await audit(ctx, tx, administrator(ctx), 'scim_token_created', { scim_token_id: row.id, name, sso_provider_id })
    return insertScimToken(tx, row)
  })
  if (!made) throw new AuthError(500, 'unexpected_failure', 'Database error creating SCIM token')
  return { status: 201, body: { ...present(made), token } }
}

/** Revokes a token, from this moment on. */
export async function revokeScimToken(ctx: SsoProviderCtx): Promise<Reply> {
  const { id: sso_provider_id } = ctx.sso_provider
  const id = ctx.path_params.token_id ?? ''
  await transact(ctx, async (tx) => {
    const name = isUuid(id) ? await deleteScimToken(tx, sso_provider_id, id) : null
    if (name === null) throw new AuthError(404, 'scim_token_not_found', 'SCIM token not found')
    await audit(ctx, tx, administrator(ctx), 'scim_token_revoked', { scim_token_id: id, name, sso_provider_id })
  })
  return noContent()
}
