// Signs a person in who shows a signed message of somebody else, in one request: an ID token, or a wallet's message.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { json, type Reply } from '../../../reply.ts'
import { markUsed } from '../../../storage/used-tokens.ts'
import type { User } from '../../../storage/users.ts'
import { tellAfterUserCreated } from '../accounts/user-created-hooks.ts'
import { presentUser } from '../answers/present-user.ts'
import { issueSession, newSessionSecrets } from '../sessions/issue-session.ts'
import { afterTheFirst, type Tx, transact } from '../transact.ts'

/** A person who may sign in, with the account as it was before. */
export interface Admitted {
  user: User
  created: boolean
  confirmed: boolean
  /** What is answered although what was written stays. */
  refusal: AuthError | null
}

/** What is shown, which counts once. */
export interface Shown {
  /** The method of the session's proof. */
  method: 'oauth' | 'web3'
  hash: string
  /** Until when the hash is kept: the message is refused by its own time from then on. Seconds since the epoch. */
  expires_s: number
  /** The answer to whoever shows it again. */
  used: () => Error
}

/** Answers with a session; `admit` finds or makes the account in the transaction that uses the message up. */
export async function signInAtOnce(ctx: Ctx, shown: Shown, admit: (tx: Tx) => Promise<Admitted>): Promise<Reply> {
  const secrets = newSessionSecrets(ctx)
  const { admitted, session } = await afterTheFirst(() =>
    transact(ctx, async (tx) => {
      const admitted = await admit(tx)
      if (admitted.refusal) return { admitted, session: null }
      // Last of all, so that a message which did not sign anybody in can be shown again.
      if (!(await markUsed(tx, shown.hash, shown.expires_s))) throw shown.used()
      const user_id = admitted.user.id
      return { admitted, session: await issueSession(ctx, tx, { user_id, method: shown.method, secrets }) }
    }),
  )
  if (admitted.refusal) throw admitted.refusal
  if (!session) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  if (admitted.created) await tellAfterUserCreated(ctx, session.user)
  // The reference shows the identities as they were before this sign-in changed them.
  const isPurged = admitted.confirmed && !admitted.created
  const user = isPurged ? session.user : { ...session.user, identities: admitted.user.identities }
  return json({ ...session.body, user: presentUser(user, { written: admitted.created || admitted.confirmed }) })
}
