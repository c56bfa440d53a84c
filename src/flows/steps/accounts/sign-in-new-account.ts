// Opens the first session of an account that was confirmed as it was created.
import type { Ctx } from '../../../context.ts'
import { json, type Reply } from '../../../reply.ts'
import type { Identity } from '../../../storage/identities.ts'
import type { User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'
import { audit } from '../records/audit.ts'
import { issueSession, newSessionSecrets } from '../sessions/issue-session.ts'
import { transact } from '../transact.ts'
import type { NewAccount } from './create-account.ts'
import { mergeMetadata } from './merge-metadata.ts'

/** Answers with a session; a hook that refuses it leaves the account. */
export async function signInNewAccount(ctx: Ctx, { by }: Pick<NewAccount, 'by'>, user: User): Promise<Reply> {
  const secrets = newSessionSecrets(ctx)
  const session = await transact(ctx, async (tx) => {
    const opened = issueSession(ctx, tx, { user_id: user.id, method: 'password', secrets })
    return (await Promise.all([opened, audit(ctx, tx, user, 'login', { provider: by })]))[0]
  })
  // The reference shows the address as verified in this one answer, though the identity's row is not.
  const shown = by === 'email' ? { ...session.user, identities: session.user.identities.map(asVerified) } : session.user
  return json({ ...session.body, user: presentUser(shown, { written: true }) }, session.headers)
}

const asVerified = (identity: Identity): Identity => ({
  ...identity,
  identity_data: { ...mergeMetadata(null, identity.identity_data), email_verified: true },
})
