// Which account a person of a provider is: the one that has the identity, one that a proved address leads to, or none.

import { randomUUID } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import { isOneRecipient } from '../../../delivery/is-one-recipient.ts'
import { AuthError } from '../../../errors.ts'
import { identityData, type Profile, type ProviderEmail } from '../../../providers/claims.ts'
import type { Queryable } from '../../../storage/db.ts'
import { findAccountsByEmails, findIdentity, type Identity, isEmailTaken } from '../../../storage/identities.ts'
import { findProvisionedAccount } from '../../../storage/scim-users.ts'

/** A person as a provider described them. */
export interface ExternalPerson {
  /** Name of the provider as the identity keeps it. */
  provider: string
  /** The person's id at the provider. */
  sub: string
  identity_data: Record<string, unknown>
  emails: ProviderEmail[]
  /** Ids for an account and identity that may have to be made; fixed, since a transaction may run again. */
  new_user_id: string
  new_identity_id: string
}

/** What a sign-in comes to. */
export type LinkDecision =
  | { kind: 'known'; identity: Identity }
  | { kind: 'link'; user_id: string }
  /** With the address that the account gets: none when somebody else has it. */
  | { kind: 'create'; email: string | null; is_sso_user: boolean }

const defaultDomain = 'default'

/** Identities are linked only within a domain of providers. */
function linkingDomain({ config }: Ctx, provider: string): string {
  if (provider.startsWith('sso:')) return provider
  const name = provider.toLowerCase()
  const domains = config.experimental_provider_linking_domains
  const found = Object.keys(domains).find((key) => key.toLowerCase() === name)
  if (found !== undefined) return domains[found] ?? defaultDomain
  return config.experimental_providers_with_own_linking_domain.some((own) => own.toLowerCase() === name)
    ? name
    : defaultDomain
}

/**
 * Decides by the identity, then by proved addresses alone, whatever is confirmed automatically (security rule 5).
 * @throws AuthError 500 when proved addresses lead to several accounts
 */
export async function decideLinking(ctx: Ctx, tx: Queryable, person: ExternalPerson): Promise<LinkDecision> {
  const identity = await findIdentity(tx, person.provider, person.sub)
  if (identity) return { kind: 'known', identity }
  const domain = linkingDomain(ctx, person.provider)
  const provisioned = await findProvisioned(tx, person)
  if (provisioned !== null) return { kind: 'link', user_id: provisioned }
  const proved = person.emails.filter(({ verified }) => verified).map(({ email }) => email.toLowerCase())
  if (proved.length > 0) {
    const user_id = await findLinkedAccount(ctx, tx, domain, proved)
    if (user_id !== null) return { kind: 'link', user_id }
  }
  const is_sso_user = domain !== defaultDomain
  const email = shownEmail(person)
  const isFree = email !== null && (is_sso_user || !(await isEmailTaken(tx, email, null)))
  return { kind: 'create', email: isFree ? email : null, is_sso_user }
}

/** The account that a company has made beforehand for one of its people (SCIM), whatever of the two ids its assertions carry. */
async function findProvisioned(tx: Queryable, { provider, sub }: ExternalPerson): Promise<string | null> {
  const [, provider_id] = /^sso:([\da-f-]{36})$/.exec(provider) ?? []
  return provider_id === undefined ? null : findProvisionedAccount(tx, provider_id, sub)
}

/** The address that a provider puts first, in lower case. */
export function shownEmail({ emails }: Pick<ExternalPerson, 'emails'>): string | null {
  const shown = emails.find(({ primary }) => primary) ?? emails.at(-1)
  return shown ? shown.email.toLowerCase() : null
}

/** The account that addresses lead to within a domain: by identities, else by the address of an account. */
async function findLinkedAccount(ctx: Ctx, tx: Queryable, domain: string, emails: string[]): Promise<string | null> {
  const accounts = await findAccountsByEmails(tx, emails)
  const ofIdentities = accounts.filter(({ provider }) => provider !== null && linkingDomain(ctx, provider) === domain)
  const [by_identity, ...others] = new Set(ofIdentities.map(({ user_id }) => user_id))
  if (others.length > 0)
    throw new AuthError(
      500,
      'unexpected_failure',
      `Multiple accounts with the same email address in the same linking domain detected: ${domain}`,
    )
  if (by_identity !== undefined) return by_identity
  if (domain !== defaultDomain) return null
  const [by_account, ...more] = accounts.filter(({ provider }) => provider === null)
  return by_account && more.length === 0 ? by_account.user_id : null
}

/** Characters of an address at most, as auth.users holds it. */
const maxEmail = 255

/**
 * Whether a text can be the address of an account. What mail would be sent elsewhere for is none, since the mail would prove it; and
 * letters that Unicode has only for the sake of older sets are none (RFC 6532 §3.1): the sign of kelvin is a `k` in lower case, so
 * that an address with it would lead to somebody else's account. What a company says of its own people stays with it.
 */
const isAddress = (provider: string, email: string): boolean =>
  email.length <= maxEmail &&
  (provider.startsWith('sso:') ? email.includes('@') : isOneRecipient(email) && email === email.normalize('NFC'))

/**
 * Makes a person of a profile, with ids for what may have to be made.
 * @throws Error without an id of the person
 */
export function personOf(provider: string, profile: Profile): ExternalPerson {
  const emails = profile.emails.filter(({ email }) => isAddress(provider, email))
  const identity_data = identityData({ claims: profile.claims, emails })
  const { sub } = identity_data
  if (typeof sub !== 'string' || sub === '') throw new Error('the provider told no id of the person')
  return { provider, sub, identity_data, emails, new_user_id: randomUUID(), new_identity_id: randomUUID() }
}
