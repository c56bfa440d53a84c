// The person that a provider describes, as the rest of a sign-in takes them.
import { randomUUID } from 'node:crypto'
import { identityData, type Profile } from '../../../providers/claims.ts'
import type { ExternalPerson } from './decide-linking.ts'

/** Characters of an address at most, as auth.users holds it. */
const maxEmail = 255

/**
 * Makes a person of a profile, with ids for what may have to be made.
 * @throws Error without an id of the person
 */
export function personOf(provider: string, profile: Profile): ExternalPerson {
  const emails = profile.emails.filter(({ email }) => email.includes('@') && email.length <= maxEmail)
  const identity_data = identityData({ claims: profile.claims, emails })
  const { sub } = identity_data
  if (typeof sub !== 'string' || sub === '') throw new Error('the provider told no id of the person')
  return { provider, sub, identity_data, emails, new_user_id: randomUUID(), new_identity_id: randomUUID() }
}
