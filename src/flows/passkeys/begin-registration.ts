// POST /passkeys/registration/options: what the browser of a signed-in person needs to make a passkey.
import { randomUUID } from 'node:crypto'
import type { FactorsCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { findPasskeyCredentials } from '../../storage/passkeys.ts'
import { insertWebAuthnChallenge } from '../../storage/webauthn-challenges.ts'
import { askForCreation } from '../steps/webauthn/ask-authenticator.ts'
import { refuseSso, requireLevel, requireRoom } from './passkey-rules.ts'

/** Answers with the options and the id of their challenge. */
export async function beginPasskeyRegistration(ctx: FactorsCtx): Promise<Reply> {
  const { user, session } = ctx.caller
  refuseSso(user)
  requireLevel(user, session)
  const own = await findPasskeyCredentials(ctx.db, user.id)
  requireRoom(ctx, own.length)
  const name = user.email || user.phone || ''
  const called = user.raw_user_meta_data?.name
  const displayName = typeof called === 'string' && called !== '' ? called.slice(0, 255) : name
  const { options, session_data } = askForCreation(ctx, { id: user.id, name, displayName }, own, {
    authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    attestation: 'none',
  })
  const challenge_id = randomUUID()
  const expires_at = await insertWebAuthnChallenge(ctx.db, {
    id: challenge_id,
    user_id: user.id,
    challenge_type: 'registration',
    session_data,
    life_ms: ctx.config.webauthn_challenge_expiry_duration,
  })
  return json({ challenge_id, options, expires_at })
}
