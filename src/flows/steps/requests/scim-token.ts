// The token by which the identity provider of a company sends requests about its people (RFC 7644 §2).
import type { Ctx } from '../../../context.ts'
import { type Random, randomHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { type ScimScope, useScimToken } from '../../../storage/scim-tokens.ts'
import { bearerToken } from './bearer.ts'

const form = /^scim_[\w-]{43}$/

/** A token: 256 random bits. */
export const newScimToken = (random: Random): string => `scim_${random(32).toString('base64url')}`

/**
 * Off, all of it is what the recorded switch leaves: nothing but a description.
 * @throws AuthError 404, of `feature_disabled` where not even that is switched on
 */
export function requireScim({ config }: Ctx): void {
  if (config.scim_enabled) return
  throw config.experimental_scim_enabled
    ? new AuthError(404, '', 'Endpoint or resource does not exist')
    : new AuthError(404, 'feature_disabled', 'SCIM server is disabled')
}

/**
 * Lets a provider pass, which sees and touches nobody but its own people.
 * @throws AuthError 401 without a token that is in force; 429 for too many requests
 */
export async function requireScimToken(ctx: Ctx): Promise<ScimScope> {
  requireScim(ctx)
  await ctx.limits.take('scim', ctx.client)
  const token = bearerToken(ctx.header('authorization')) ?? ''
  const scope = form.test(token) ? await useScimToken(ctx.db, randomHash(token)) : null
  if (scope) return scope
  throw new AuthError(401, '', 'A SCIM token that is in force is needed', {
    headers: { 'www-authenticate': 'Bearer realm="scim"' },
  })
}
