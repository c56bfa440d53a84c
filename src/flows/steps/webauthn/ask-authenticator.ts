// What browsers are given for an authenticator, and what of it is kept until the answer (WebAuthn §5.4, §5.5).
import { relyingParty } from '../../../config/relying-party.ts'
import type { Ctx } from '../../../context.ts'
import { type AskedFor, webauthnAlgorithms } from '../../../crypto/proof-thread.ts'
import type { WebAuthnSession } from '../../../storage/webauthn-challenges.ts'

/** Options for the browser and the record of them; members that are undefined are left out. */
export interface Question {
  options: Record<string, unknown>
  session_data: WebAuthnSession
}

const timeout_ms = 300_000
const parameters = webauthnAlgorithms.map((alg) => ({ alg, type: 'public-key' }))

/** The id of an account as authenticators keep it: its text, as base64url. */
export const userHandleOf = (user_id: string): string => Buffer.from(user_id).toString('base64url')

/** A credential that the options name; `id` is base64url. */
export interface NamedCredential {
  id: string
  transports?: readonly string[]
}

const descriptor = ({ id, transports }: NamedCredential) => ({
  type: 'public-key',
  id,
  ...(transports && transports.length > 0 && { transports }),
})

/** Asks for a new credential of an account; those that it has are left out. */
export function askForCreation(
  ctx: Ctx,
  user: { id: string; name: string; displayName: string },
  own: readonly NamedCredential[],
  more: { authenticatorSelection: { residentKey?: string; userVerification?: string }; attestation?: string },
): Question {
  const rp = relyingParty(ctx.config)
  const challenge = ctx.random(32).toString('base64url')
  const options = {
    rp: { name: rp.name, id: rp.id },
    user: { name: user.name, displayName: user.displayName, id: userHandleOf(user.id) },
    challenge,
    pubKeyCredParams: parameters,
    timeout: timeout_ms,
    ...(own.length > 0 && { excludeCredentials: own.map(descriptor) }),
    ...more,
  }
  const session_data = { ...sessionData(ctx, challenge, rp.id, user.id), credParams: parameters }
  session_data.userVerification = more.authenticatorSelection.userVerification ?? ''
  return { options, session_data }
}

/** Asks for a signature: of one of an account's credentials, or of any that the authenticator finds for the domain. */
export function askForUse(
  ctx: Ctx,
  account: { id: string; credentials: readonly NamedCredential[] } | null,
  userVerification = '',
): Question {
  const rp = relyingParty(ctx.config)
  const challenge = ctx.random(32).toString('base64url')
  const options = {
    challenge,
    timeout: timeout_ms,
    rpId: rp.id,
    ...(account && { allowCredentials: account.credentials.map(descriptor) }),
    ...(userVerification !== '' && { userVerification }),
  }
  const session_data = { ...sessionData(ctx, challenge, rp.id, account?.id ?? null), userVerification }
  if (account)
    session_data.allowed_credentials = account.credentials.map(({ id }) =>
      Buffer.from(id, 'base64url').toString('base64'),
    )
  return { options, session_data }
}

const sessionData = (ctx: Ctx, challenge: string, rpId: string, user_id: string | null): WebAuthnSession => ({
  challenge,
  rpId,
  user_id: user_id === null ? null : Buffer.from(user_id).toString('base64'),
  expires: new Date(ctx.now() + timeout_ms).toISOString(),
  userVerification: '',
})

/** What an answer is checked against. */
export const askedFor = (ctx: Ctx, { challenge, rpId }: WebAuthnSession): AskedFor => ({
  challenge,
  rp_id: rpId,
  origins: relyingParty(ctx.config).origins,
})
