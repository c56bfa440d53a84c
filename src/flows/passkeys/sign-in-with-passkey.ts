// POST /passkeys/authentication/verify: a signature of a passkey for a session, without a name.
import type { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { type AssertionAnswer, readAssertion } from '../../crypto/webauthn-answer.ts'
import { AuthError } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import {
  advancePasskeyCounter,
  findPasskeyByCredential,
  touchPasskey,
  type UsedPasskey,
} from '../../storage/passkeys.ts'
import { findUserById, type User } from '../../storage/users.ts'
import type { WebAuthnSession } from '../../storage/webauthn-challenges.ts'
import { audit } from '../steps/records/audit.ts'
import { requireNoBan } from '../steps/requests/require-no-ban.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { issueSession, newSessionSecrets } from '../steps/sessions/issue-session.ts'
import { transact } from '../steps/transact.ts'
import { askedFor } from '../steps/webauthn/ask-authenticator.ts'
import { recordCopy } from '../steps/webauthn/record-copy.ts'
import { type passkeyAnswerBody, refusal, spendChallenge, unproved, unreadable } from './passkey-rules.ts'

/** Answers with a session of the first level. */
export async function signInWithPasskey(ctx: Ctx, body: z.infer<typeof passkeyAnswerBody>): Promise<Reply> {
  const asked = await spendChallenge(ctx, body, { user_id: null, challenge_type: 'authentication' })
  const answer = readAssertion(body.credential)
  if (!answer) throw unreadable()
  const { user, passkey, backed_up } = await proveOwner(ctx, asked, answer)
  requireAdmissible(user)
  const secrets = newSessionSecrets(ctx)
  const session = await transact(ctx, async (tx) => {
    if (!(await touchPasskey(tx, passkey.id, backed_up))) throw unproved(ctx, 'the passkey is gone')
    const opened = issueSession(ctx, tx, { user_id: user.id, method: 'passkey', secrets })
    const recorded = audit(ctx, tx, user, 'login', { passkey_id: passkey.id })
    return (await Promise.all([opened, recorded]))[0]
  })
  return json(session.body)
}

/** @throws AuthError 400 webauthn_verification_failed */
async function proveOwner(
  ctx: Ctx,
  asked: WebAuthnSession,
  answer: AssertionAnswer,
): Promise<{ user: User; passkey: UsedPasskey; backed_up: boolean }> {
  const user_id = Buffer.from(answer.response.userHandle ?? '', 'base64url').toString()
  if (!isUuid(user_id)) throw unproved(ctx, 'the answer names no account')
  const [user, passkey] = await Promise.all([
    findUserById(ctx.db, user_id),
    findPasskeyByCredential(ctx.db, user_id, answer.id),
  ])
  if (!user || !passkey) throw unproved(ctx, 'the account has no such passkey')
  const use = await ctx.proof_thread.checkAssertion(answer, askedFor(ctx, asked), passkey.public_key)
  if (!use.ok) throw refusal(ctx, use)
  if (use.backup_eligible !== passkey.backup_eligible) throw unproved(ctx, 'the key can be backed up, or no more')
  if (!(await advancePasskeyCounter(ctx.db, passkey.id, use.sign_count))) {
    await recordCopy(ctx, { user_id, passkey_id: passkey.id, sign_count: use.sign_count })
    throw unproved(ctx, 'the counter went back')
  }
  return { user, passkey, backed_up: use.backed_up }
}

/** @throws AuthError 403 email_not_confirmed, phone_not_confirmed or user_banned */
function requireAdmissible(user: User): void {
  if (user.email && user.email_confirmed_at === null)
    throw new AuthError(403, 'email_not_confirmed', 'Email not confirmed')
  if (user.phone && user.phone_confirmed_at === null)
    throw new AuthError(403, 'phone_not_confirmed', 'Phone not confirmed')
  requireNoBan(user)
}
