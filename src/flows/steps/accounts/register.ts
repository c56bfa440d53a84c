// Registers an address: a new account, another confirmation for one that waits, or nothing for one that is known.
import type { Ctx } from '../../../context.ts'
import { isUniqueViolation } from '../../../storage/db.ts'
import { findUserByEmail, findUserByPhone, type User } from '../../../storage/users.ts'
import { confirmAgain } from './confirm-again.ts'
import { createAccount, type NewAccount } from './create-account.ts'
import { tellAfterUserCreated } from './user-created-hooks.ts'

/** What came of it: the address waits for its code, was confirmed at once, or belongs to a confirmed account. */
export interface Registered {
  outcome: 'pending' | 'confirmed' | 'known'
  user: User
}

/** Registers an address; of several at once one creates the account, the others find it. */
export async function register(ctx: Ctx, account: NewAccount): Promise<Registered> {
  const find = account.by === 'email' ? findUserByEmail : findUserByPhone
  const existing = await find(ctx.db, account.address, account.aud)
  if (existing) return registerKnown(ctx, account, existing)
  const confirmed = account.by === 'email' ? ctx.config.mailer_autoconfirm : ctx.config.sms_autoconfirm
  try {
    return await told(ctx, {
      outcome: confirmed ? 'confirmed' : 'pending',
      user: await createAccount(ctx, account, confirmed),
    })
  } catch (error) {
    const winner = isUniqueViolation(error) ? await find(ctx.db, account.address, account.aud) : null
    if (!winner) throw error
    // Somebody was faster with the same address by moments: their mail is on its way, and nothing is sent twice.
    return isConfirmed(account, winner) ? { outcome: 'known', user: winner } : { outcome: 'pending', user: winner }
  }
}

const isConfirmed = ({ by }: NewAccount, user: User): boolean =>
  (by === 'email' ? user.email_confirmed_at : user.phone_confirmed_at) !== null

async function registerKnown(ctx: Ctx, account: NewAccount, user: User): Promise<Registered> {
  if (isConfirmed(account, user)) return { outcome: 'known', user }
  const autoconfirm = account.by === 'email' ? ctx.config.mailer_autoconfirm : ctx.config.sms_autoconfirm
  const again = await confirmAgain(ctx, account, user, autoconfirm)
  return told(ctx, { outcome: autoconfirm ? 'confirmed' : 'pending', user: again })
}

/** The hook hears of sign-ups that wait for a code, of repeated ones too, as in the reference. */
async function told(ctx: Ctx, registered: Registered): Promise<Registered> {
  if (registered.outcome === 'pending') await tellAfterUserCreated(ctx, registered.user)
  return registered
}
