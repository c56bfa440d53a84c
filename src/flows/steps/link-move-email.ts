// The address of an account whose identity is unlinked: it moves to another identity, unless another still has it.
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { Queryable } from '../../storage/db.ts'
import { type Identity, isEmailTaken } from '../../storage/identities.ts'
import { clearAllTokens } from '../../storage/one-time-tokens.ts'
import { type User, updateUser } from '../../storage/users.ts'

const isVerified = ({ identity_data }: Identity): boolean => identity_data.email_verified === true

/** Verified addresses come first, then others, then none; within them the oldest identity. */
const rank = (identity: Identity): number => (!identity.email ? 2 : isVerified(identity) ? 0 : 1)

/**
 * Moves the address after an identity of a locked account was deleted.
 * @throws AuthError 422 email_conflict_identity_not_deletable when other accounts have all its addresses
 */
export async function moveEmail(ctx: Ctx, tx: Queryable, user: User, unlinked_id: string): Promise<void> {
  const left = user.identities.filter(({ id }) => id !== unlinked_id)
  if (left.some(({ email }) => (email ?? '') === (user.email ?? ''))) return
  const chosen = await firstFree(
    tx,
    user,
    left.toSorted((a, b) => rank(a) - rank(b)),
  )
  const staysConfirmed = Boolean(chosen.email) && (isVerified(chosen) || ctx.config.mailer_autoconfirm)
  await clearAllTokens(tx, user.id)
  await updateUser(tx, user.id, {
    email: chosen.email || null,
    ...(!staysConfirmed && {
      email_confirmed_at: null,
      raw_user_meta_data: { ...user.raw_user_meta_data, email_verified: false },
    }),
  })
}

async function firstFree(tx: Queryable, user: User, identities: Identity[]): Promise<Identity> {
  for (const identity of identities)
    if (!identity.email || user.is_sso_user || !(await isEmailTaken(tx, identity.email, user.id))) return identity
  throw new AuthError(422, 'email_conflict_identity_not_deletable', 'Unable to unlink identity due to email conflict')
}
