// What people should know of a key set before they rely on it.
import type { Algorithm } from '../../crypto/algorithms.ts'
import { type Jwk, rolesOf } from '../../crypto/key-set.ts'

/** Algorithms that common clients cannot verify, and what happens there. */
const limits: Partial<Record<Algorithm, string>> = {
  EdDSA:
    'EdDSA is verified by few: getClaims() of supabase-js knows ES256 and RS256 only, and older PostgREST, Kong and gateways neither',
  HS256:
    'HS256 is not published: whoever verifies tokens needs the secret itself, and supabase-js asks the server each time',
}

const isShared = (jwk: Jwk | undefined): boolean => jwk?.kty === 'oct'

/**
 * Sentences on a set: `before` is the one that it replaces, if any.
 * @param secret whether GOTRUE_JWT_SECRET is set, so that other services may share it
 */
export function keyWarnings(set: readonly Jwk[], before: readonly Jwk[] | null, secret: boolean): string[] {
  const isNew = (jwk: Jwk) => !before?.some(({ kid }) => kid === jwk.kid)
  const algorithms = new Set(set.filter(isNew).map(({ alg }) => alg as Algorithm))
  const signing = rolesOf(set).find(({ role }) => role === 'signs')?.jwk
  const old = rolesOf(before ?? []).find(({ role }) => role === 'signs')?.jwk
  const willDiffer = set.some((jwk) => isNew(jwk) && !isShared(jwk)) || (!isShared(signing) && old !== undefined)
  return [
    ...[...algorithms].flatMap((alg) => limits[alg] ?? []),
    ...((secret || isShared(old)) && (isShared(old) || before === null) && willDiffer
      ? [
          'services that share GOTRUE_JWT_SECRET (PostgREST, Realtime, Storage, Kong, functions) refuse tokens of another key: give them the key set of /.well-known/jwks.json first, beside the secret while API keys are signed with it',
        ]
      : []),
  ]
}
