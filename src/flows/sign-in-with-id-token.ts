// POST /token?grant_type=id_token: signs in with an ID token that an application got from a provider itself.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Caller, Ctx } from '../context.ts'
import { OAuthError, unexpected } from '../errors.ts'
import type { Profile } from '../providers/claims.ts'
import { customIdTokenProfile } from '../providers/custom-provider.ts'
import { audiencesOf, hasAudience, IdTokenError } from '../providers/id-token.ts'
import { profileOfIdToken } from '../providers/profile-of-id-token.ts'
import type { Reply } from '../reply.ts'
import { type ExternalPerson, personOf } from './steps/external/decide-linking.ts'
import { enterExternally } from './steps/external/enter-externally.ts'
import { type ExpectedIssuer, expectedIssuer } from './steps/external/expected-issuer.ts'
import { linkIdentity } from './steps/external/link-identity.ts'
import { type Admitted, signInAtOnce } from './steps/external/sign-in-at-once.ts'
import { text } from './steps/requests/fields.ts'
import { requireAal2, requireOwnHand, requireOwnSession, requireUser } from './steps/sessions/authenticate.ts'
import { requireShownFactor } from './steps/sessions/mfa-policy.ts'
import type { Tx } from './steps/transact.ts'

export const idTokenBody = z.object({
  id_token: text,
  access_token: text,
  nonce: text,
  provider: text,
  client_id: text,
  issuer: text,
  link_identity: z.boolean().default(false),
})

type Asked = z.infer<typeof idTokenBody>

const refused = (description: string, cause?: unknown): OAuthError =>
  new OAuthError('invalid request', description, { cause })

/** Answers with a session; an ID token opens one session only. */
export async function signInWithIdToken(ctx: Ctx, asked: Asked): Promise<Reply> {
  if (asked.id_token === '') throw refused('id_token required')
  if (asked.provider === '' && (asked.client_id === '' || asked.issuer === ''))
    throw refused('provider or client_id and issuer required')
  const linker = asked.link_identity ? await linkingCaller(ctx) : null
  const expected = await expectedIssuer(ctx, asked)
  const claims = await checkedClaims(ctx, asked, expected)
  const person = personOfToken(expected, claims)
  const shown = {
    method: 'oauth' as const,
    hash: hashOf(asked.id_token),
    expires_s: Number(claims.exp),
    used: () => refused('ID token has been used already'),
  }
  return signInAtOnce(ctx, shown, (tx) => admit(ctx, tx, person, expected, linker))
}

/** The part that is signed: the signature itself may be written in several ways. */
const hashOf = (id_token: string): string =>
  createHash('sha256')
    .update(id_token.slice(0, id_token.lastIndexOf('.')))
    .digest('hex')

async function linkingCaller(ctx: Ctx): Promise<Caller> {
  if (!ctx.header('authorization')) throw refused('Linking requires a valid user access token in Authorization')
  const caller = await requireUser(ctx)
  // What routes of signed-in people ask for: this one is open to everybody.
  requireOwnSession(caller)
  requireOwnHand(caller)
  requireShownFactor(ctx, caller)
  requireAal2(caller)
  return caller
}

async function admit(
  ctx: Ctx,
  tx: Tx,
  person: ExternalPerson,
  { email_optional }: ExpectedIssuer,
  linker: Caller | null,
): Promise<Admitted> {
  if (!linker) return enterExternally(ctx, tx, person, { email_optional })
  const { refusal } = await linkIdentity(ctx, tx, person, linker.user.id)
  return { user: linker.user, created: false, confirmed: false, refusal }
}

/**
 * The claims of the token, once it is of the issuer, for us, and for this request.
 * @throws OAuthError; AuthError 500 when the issuer's keys cannot be had
 */
async function checkedClaims(ctx: Ctx, asked: Asked, expected: ExpectedIssuer): Promise<Record<string, unknown>> {
  const { issuer, any_issuer, accepts_issuer, custom } = expected
  const rules = {
    place: { issuer, ...(any_issuer && { any_issuer }) },
    ...(accepts_issuer && { accepts_issuer }),
    access_token: asked.access_token,
  }
  let claims: Record<string, unknown>
  try {
    claims = await ctx.providers.verifyIdToken(asked.id_token, rules, custom ? 'administrator' : 'configuration')
  } catch (error) {
    if (error instanceof IdTokenError) throw refused('Bad ID token', error)
    throw unexpected(error)
  }
  if (typeof claims.sub !== 'string' || claims.sub === '') throw refused('Missing sub claim in id_token')
  if (!hasAudience(claims, expected.audiences))
    throw refused(`Unacceptable audience in id_token: [${audiencesOf(claims).join(' ')}]`)
  if (!expected.skips_nonce) checkNonce(asked.nonce, claims.nonce)
  return claims
}

function checkNonce(asked: string, claimed: unknown): void {
  const nonce = typeof claimed === 'string' ? claimed : ''
  if ((asked === '') !== (nonce === ''))
    throw refused('Passed nonce and nonce in id_token should either both exist or not.')
  if (asked !== '' && createHash('sha256').update(asked).digest('hex') !== nonce)
    throw new OAuthError('invalid nonce', 'Nonces mismatch')
}

function personOfToken({ provider, custom, pinned_tenant = false }: ExpectedIssuer, claims: Record<string, unknown>) {
  try {
    const profile: Profile = custom ? customIdTokenProfile(custom, claims) : profileOfIdToken(claims, { pinned_tenant })
    return personOf(provider, profile)
  } catch (error) {
    throw refused('Bad ID token', error)
  }
}
