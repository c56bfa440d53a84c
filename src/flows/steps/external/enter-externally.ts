// Signs a person of a provider in: finds or makes the account, and asks for a proof of an address that has none.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { insertIdentity, replaceIdentityData } from '../../../storage/identities.ts'
import { insertUser, lockUser, type User, updateProviders, updateUser } from '../../../storage/users.ts'
import { mergeMetadata } from '../accounts/merge-metadata.ts'
import { askBeforeUserCreated } from '../accounts/user-created-hooks.ts'
import { audit } from '../records/audit.ts'
import { requireAudience } from '../requests/require-audience.ts'
import { requireNoBan } from '../requests/require-no-ban.ts'
import { requireSignUps } from '../requests/require-sign-ups.ts'
import type { Tx } from '../transact.ts'
import { confirmByProvider, proofSent, sendProof } from './confirm-by-provider.ts'
import { decideLinking, type ExternalPerson, type LinkDecision } from './decide-linking.ts'

/** Who signed in, or why not: a refusal that what was written must survive, such as a mail that was sent. */
export interface Entered {
  user: User
  identity_id: string
  created: boolean
  /** Whether this sign-in confirmed the account's address. */
  confirmed: boolean
  refusal: AuthError | null
}

/**
 * Signs a person in, in the caller's transaction.
 * @throws AuthError 422 signup_disabled or provider_email_needs_verification; 403 user_banned; 500 for several accounts
 */
export async function enterExternally(
  ctx: Ctx,
  tx: Tx,
  person: ExternalPerson,
  { email_optional }: { email_optional: boolean },
): Promise<Entered> {
  const decision = await decideLinking(ctx, tx, person)
  const { user, identity_id } = await takeAccount(ctx, tx, person, decision)
  requireNoBan(user)
  const entered = { user, identity_id, created: decision.kind === 'create', confirmed: false, refusal: null }
  // Who may enter without an address, and came with none, is not asked to prove that of the account.
  const isMailless = email_optional && person.emails.length === 0
  // Nobody can be sent a mail: without an address only those enter who may, and those who are known already.
  if (!user.email && decision.kind === 'create' && !isMailless)
    throw needsVerification(
      `Unverified email with ${person.provider}. Verify the email with ${person.provider} in order to sign in`,
    )
  if (!user.email || user.email_confirmed_at !== null || isMailless) {
    await audit(ctx, tx, user, 'login', { provider: person.provider })
    return entered
  }
  const own = user.email.toLowerCase()
  const proved = person.emails.some(({ email, verified }) => verified && email.toLowerCase() === own)
  if (proved || ctx.config.mailer_autoconfirm) {
    const is_owner = decision.kind === 'known' && user.phone_confirmed_at !== null
    await confirmByProvider(tx, user, { identity_id, identity_data: person.identity_data, is_owner })
    await audit(ctx, tx, user, 'user_signedup', { provider: person.provider })
    return { ...entered, confirmed: true }
  }
  await sendProof(ctx, tx, user)
  if (ctx.config.mailer_allow_unverified_email_sign_ins) return entered
  return { ...entered, refusal: needsVerification(proofSent(person.provider)) }
}

const needsVerification = (message: string): AuthError =>
  new AuthError(422, 'provider_email_needs_verification', message)

/** The account of a decision, with the identity as the provider now describes it. */
async function takeAccount(
  ctx: Ctx,
  tx: Tx,
  person: ExternalPerson,
  decision: LinkDecision,
): Promise<{ user: User; identity_id: string }> {
  if (decision.kind === 'create') return createExternalAccount(ctx, tx, person, decision)
  const { provider, identity_data } = person
  const user_id = decision.kind === 'known' ? decision.identity.user_id : decision.user_id
  const identity_id = decision.kind === 'known' ? decision.identity.id : person.new_identity_id
  const user = await lockUser(tx, user_id)
  if (!user) throw new AuthError(500, 'unexpected_failure', 'Database error finding user')
  if (decision.kind === 'known') await replaceIdentityData(tx, identity_id, identity_data)
  else {
    await insertIdentity(tx, { id: identity_id, user_id, provider, provider_id: person.sub, identity_data })
    await audit(ctx, tx, user, 'identity_linked', { identity_id, provider, provider_id: person.sub })
  }
  await updateUser(tx, user_id, { raw_user_meta_data: mergeMetadata(user.raw_user_meta_data, identity_data) })
  await updateProviders(tx, user_id)
  return { user, identity_id }
}

async function createExternalAccount(
  asked: Ctx,
  tx: Tx,
  person: ExternalPerson,
  { email, is_sso_user }: Extract<LinkDecision, { kind: 'create' }>,
): Promise<{ user: User; identity_id: string }> {
  const ctx = requireAudience(asked)
  requireSignUps(ctx)
  const { provider, sub, identity_data, new_user_id: id, new_identity_id } = person
  const app_metadata = { provider, providers: [provider] }
  const candidate = { id, aud: ctx.aud, ...(email && { email }), app_metadata, user_metadata: identity_data }
  if (ctx.hooks.enabled('before_user_created'))
    await tx.outside(`create ${id}`, () => askBeforeUserCreated(ctx, candidate))
  await insertUser(tx, {
    id,
    aud: ctx.aud,
    role: ctx.config.jwt_default_group_name,
    email,
    encrypted_password: null,
    raw_app_meta_data: app_metadata,
    raw_user_meta_data: identity_data,
    is_sso_user,
  })
  await insertIdentity(tx, { id: new_identity_id, user_id: id, provider, provider_id: sub, identity_data })
  const user = await lockUser(tx, id)
  if (!user) throw new AuthError(500, 'unexpected_failure', 'Database error saving new user')
  return { user, identity_id: new_identity_id }
}
