// Registers an address: a new account, another confirmation for one that waits, or nothing for one that is known.
import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { unusableHash } from '../../../crypto/codes.ts'
import { AuthError } from '../../../errors.ts'
import { isUniqueViolation } from '../../../storage/db.ts'
import { insertIdentity } from '../../../storage/identities.ts'
import { findUserById, insertUser, type User } from '../../../storage/users.ts'
import type { ReadyToken } from '../one-time-tokens/address-kinds.ts'
import { ownIdentityData, ownMetadata } from '../one-time-tokens/own-metadata.ts'
import { audit } from '../records/audit.ts'
import { type Tx, transact } from '../transact.ts'
import { asDatabaseFailure } from './as-database-failure.ts'
import { mergeMetadata } from './merge-metadata.ts'
import { type NewAccount, signUpTraits } from './new-account.ts'
import { registerAgain } from './register-again.ts'
import { askBeforeUserCreated, tellAfterUserCreated } from './user-created-hooks.ts'

/**
 * What came of it: the address waits for its code, was confirmed at once, belongs to a confirmed account, or is held by an
 * account that it does not lead to: of another audience, or by an identity that a provider proved.
 */
export interface Registered {
  outcome: 'pending' | 'confirmed' | 'known' | 'held'
  user: User
  /** Whether this very sign-up made the account. */
  is_new: boolean
}

/** Registers an address; of several at once one creates the account, the others find it. */
export async function register(ctx: Ctx, account: NewAccount): Promise<Registered> {
  const { kind, address } = account
  const confirmed = kind.autoconfirms(ctx.config)
  const outcome = confirmed ? 'confirmed' : 'pending'
  const existing = await kind.findRegistered(ctx.db, address)
  const isHeld = existing !== null && !leadsTo(existing, account)
  if (existing && (isHeld || existing[kind.confirmed_at] !== null)) {
    // As long as a password takes for an address that nobody has.
    if (account.password !== null) await ctx.hasher.verifyNothing(account.password)
    return { outcome: isHeld ? 'held' : 'known', user: existing, is_new: false }
  }
  if (existing) {
    const again = await registerAgain(ctx, account, existing, confirmed)
    if (!again) return { outcome: 'known', user: existing, is_new: false }
    return told(ctx, { outcome, user: again, is_new: false })
  }
  try {
    return await told(ctx, { outcome, user: await createAccount(ctx, account, confirmed), is_new: true })
  } catch (error) {
    const winner = isUniqueViolation(error) ? await kind.findRegistered(ctx.db, address) : null
    if (!winner) return asDatabaseFailure('Database error saving new user')(error)
    if (!leadsTo(winner, account)) return { outcome: 'held', user: winner, is_new: false }
    // Somebody was faster with the same address by moments: their mail is on its way, and nothing is sent twice.
    return { outcome: winner[kind.confirmed_at] === null ? 'pending' : 'known', user: winner, is_new: false }
  }
}

const leadsTo = (user: User, { kind, address, aud }: NewAccount): boolean =>
  user.aud === aud && user[kind.name]?.toLowerCase() === address

/**
 * The hook hears of sign-ups that wait for a code, of repeated ones too, as in the reference; its own error is told to nobody.
 * @throws AuthError 500 unexpected_failure
 */
async function told(ctx: Ctx, registered: Registered): Promise<Registered> {
  if (registered.outcome !== 'pending') return registered
  const user = withoutInvitation(registered.user)
  await tellAfterUserCreated(ctx, user).catch((cause: unknown) => {
    throw new AuthError(500, 'unexpected_failure', 'Error invoking hook', { cause })
  })
  return { ...registered, user }
}

/** What an invitation says of somebody is not told to whoever signs up with the address. */
const withoutInvitation = (user: User): User =>
  user.invited_at === null ? user : { ...user, raw_user_meta_data: {}, identities: [] }

/**
 * Creates the account with an identity of its own, its first token and its first mail, in one transaction, and reads it
 * back, so that what triggers of the application changed is seen.
 * @param confirmed whether the address counts as confirmed; otherwise a code is sent
 */
async function createAccount(ctx: Ctx, account: NewAccount, confirmed: boolean): Promise<User> {
  const { kind, address, aud, data } = account
  const id = randomUUID()
  const identity_id = randomUUID()
  const identity_data = ownIdentityData(id, account)
  const raw_app_meta_data = { provider: kind.name, providers: [kind.name] }
  const candidate = { id, aud, [kind.name]: address, app_metadata: raw_app_meta_data, user_metadata: data }
  const encrypted_password = ctx.column_cipher.encrypt(await hashOf(ctx, account), id)
  await askBeforeUserCreated(ctx, candidate)
  const user_metadata = ownMetadata(id, account)
  const token = confirmed ? null : await kind.prepare(ctx, address, { id, user_metadata }, account)
  const user = await transact(ctx, async (tx) => {
    await insertUser(tx, {
      id,
      aud,
      role: ctx.config.jwt_default_group_name,
      [kind.name]: address,
      encrypted_password,
      raw_app_meta_data,
      raw_user_meta_data: { ...mergeMetadata(null, user_metadata), ...(confirmed && kind.confirmed_metadata) },
      [`${kind.name}_confirmed`]: confirmed,
    })
    const written = Promise.all([
      insertIdentity(tx, { id: identity_id, user_id: id, provider: kind.name, provider_id: id, identity_data }),
      recordSignUp(ctx, tx, id, account, confirmed),
      token?.store(tx),
    ])
    return readBack(tx, id, written, token)
  })
  if (!user) throw new AuthError(500, 'unexpected_failure', 'Database error saving new user')
  return user
}

const hashOf = async (ctx: Ctx, { password }: NewAccount): Promise<string> =>
  password === null ? unusableHash(ctx.random) : ctx.hasher.hash(password)

/** Reads along with the writes, unless somebody has to be asked in between. */
async function readBack(tx: Tx, id: string, written: Promise<unknown>, token: ReadyToken | null): Promise<User | null> {
  if (token && !token.is_immediate) await written
  const [user] = await Promise.all([findUserById(tx, id), written])
  return user
}

function recordSignUp(ctx: Ctx, tx: Tx, id: string, account: NewAccount, confirmed: boolean): Promise<void> {
  const { kind, address, data } = account
  const actor = { id, email: null, phone: null, [kind.name]: address, is_sso_user: false, raw_user_meta_data: data }
  if (confirmed) return audit(ctx, tx, actor, 'user_signedup', signUpTraits(account))
  return audit(ctx, tx, actor, 'user_confirmation_requested', { provider: kind.name })
}
