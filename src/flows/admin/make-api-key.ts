// postern admin token --role: an API key of a role, on record.
import { z } from 'zod'
import type { AdminCtx } from '../../context.ts'
import { signJwt } from '../../crypto/jwt.ts'
import { json, type Reply } from '../../reply.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'

export const makeApiKeyBody = z.object({ role: text, expires_in: z.number().int().positive() })

/** Answers with the key; the log keeps its role and end. */
export async function makeApiKey(ctx: AdminCtx, { role, expires_in }: z.infer<typeof makeApiKeyBody>): Promise<Reply> {
  const iat = Math.floor(ctx.now() / 1000)
  const iss = ctx.config.jwt_issuer || 'postern'
  const token = await signJwt({ role, iss, iat, exp: iat + expires_in }, ctx.keys.signing)
  await audit(ctx, ctx.db, administrator(ctx), 'api_key_created', { role, expires_in })
  return json({ token })
}
