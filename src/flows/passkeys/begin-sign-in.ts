// POST /passkeys/authentication/options: what a browser needs to sign in with any passkey that it finds.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { insertWebAuthnChallenge } from '../../storage/webauthn-challenges.ts'
import { askForUse } from '../steps/webauthn/ask-authenticator.ts'

export const beginSignInBody = z.object({})

/** Answers with the options and the id of their challenge, the same for everybody. */
export async function beginPasskeySignIn(ctx: Ctx): Promise<Reply> {
  const { options, session_data } = askForUse(ctx, null, 'preferred')
  const challenge_id = randomUUID()
  const expires_at = await insertWebAuthnChallenge(ctx.db, {
    id: challenge_id,
    user_id: null,
    challenge_type: 'authentication',
    session_data,
    life_ms: ctx.config.webauthn_challenge_expiry_duration,
  })
  return json({ challenge_id, options, expires_at })
}
