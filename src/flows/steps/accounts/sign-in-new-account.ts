// Opens the first session of an account that was confirmed as it was created.
import type { Ctx } from '../../../context.ts'
import { json, type Reply } from '../../../reply.ts'
import type { User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'
import type { AddressKind } from '../one-time-tokens/address-kinds.ts'
import { audit } from '../records/audit.ts'
import { issueSession, newSessionSecrets } from '../sessions/issue-session.ts'
import { transact } from '../transact.ts'
import { mergeMetadata } from './merge-metadata.ts'

/** Answers with a session; a hook that refuses it leaves the account. */
export async function signInNewAccount(ctx: Ctx, kind: AddressKind, user: User): Promise<Reply> {
  const secrets = newSessionSecrets(ctx)
  const session = await transact(ctx, async (tx) => {
    const opened = issueSession(ctx, tx, { user_id: user.id, method: 'password', secrets })
    return (await Promise.all([opened, audit(ctx, tx, user, 'login', { provider: kind.name })]))[0]
  })
  // The reference shows the address as verified in this one answer, though the identity's row is not.
  const identities = session.user.identities.map((identity) => ({
    ...identity,
    identity_data: { ...mergeMetadata(null, identity.identity_data), ...kind.confirmed_metadata },
  }))
  const shown = { ...session.user, identities }
  return json({ ...session.body, user: presentUser(shown, { written: true }) })
}
