// POST /passkeys/registration/verify: keeps a passkey that the person's authenticator made.
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Ctx, FactorsCtx } from '../../context.ts'
import { authenticatorName } from '../../crypto/authenticator-names.ts'
import { readRegistration } from '../../crypto/webauthn-answer.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { isUniqueViolation } from '../../storage/db.ts'
import { findPasskeys, insertPasskey, type NewPasskey, type Passkey } from '../../storage/passkeys.ts'
import { lockUser } from '../../storage/users.ts'
import { presentPasskey } from '../steps/answers/present-passkey.ts'
import { audit } from '../steps/records/audit.ts'
import { notify } from '../steps/records/notify.ts'
import { transact } from '../steps/transact.ts'
import { askedFor } from '../steps/webauthn/ask-authenticator.ts'
import {
  type passkeyAnswerBody,
  refusal,
  refuseSso,
  requireLevel,
  requireRoom,
  spendChallenge,
  unreadable,
} from './passkey-rules.ts'

/** Answers with the passkey, named after what made it. */
export async function registerPasskey(ctx: FactorsCtx, body: z.infer<typeof passkeyAnswerBody>): Promise<Reply> {
  const { user, session } = ctx.caller
  refuseSso(user)
  requireLevel(user, session)
  requireRoom(ctx, (await findPasskeys(ctx.db, user.id)).length)
  const asked = await spendChallenge(ctx, body, { user_id: user.id, challenge_type: 'registration' })
  const answer = readRegistration(body.credential)
  if (!answer) throw unreadable()
  const made = await ctx.proof_thread.checkRegistration(answer, askedFor(ctx, asked))
  if (!made.ok) throw refusal(ctx, made)
  const passkey = await keep(ctx, {
    id: randomUUID(),
    user_id: user.id,
    credential_id: made.id,
    public_key: made.public_key,
    attestation_type: made.format,
    aaguid: made.aaguid,
    sign_count: made.sign_count,
    transports: answer.response.transports ?? [],
    backup_eligible: made.backup_eligible,
    backed_up: made.backed_up,
    friendly_name: authenticatorName(made.aaguid),
  })
  return json(presentPasskey(passkey))
}

/** @throws AuthError 403 user_not_found; 422 too_many_passkeys or webauthn_credential_exists */
async function keep(ctx: Ctx, passkey: NewPasskey): Promise<Passkey> {
  try {
    return await transact(ctx, async (tx) => {
      // Locked, so that many at once do not become more than the limit.
      const user = await lockUser(tx, passkey.user_id)
      if (!user) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist')
      requireRoom(ctx, (await findPasskeys(tx, user.id)).length)
      const kept = await insertPasskey(tx, passkey)
      await audit(ctx, tx, user, 'passkey_created', { passkey_id: kept.id })
      if (user.email) await notify(ctx, tx, 'passkey_added', { user, to: user.email })
      return kept
    })
  } catch (error) {
    if (isUniqueViolation(error))
      throw new AuthError(422, 'webauthn_credential_exists', 'This passkey is registered already', { cause: error })
    throw error
  }
}
