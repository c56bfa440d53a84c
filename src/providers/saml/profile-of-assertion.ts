// The profile in an assertion: an id that stays, an address, and the claims that a provider's mapping names.
import { claimsByName, isClaimName, oneEmail, type Profile } from '../claims.ts'
import { type Json, list, object } from '../read-answer.ts'
import type { SamlAssertion } from './read-assertion.ts'

const formats = {
  email: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
}
const subjectId = 'urn:oasis:names:tc:SAML:attribute:subject-id'

/** Attributes that hold an address, in the order in which they are tried. */
const emailAttributes = [
  'urn:oid:0.9.2342.19200300.100.1.3',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'http://schemas.xmlsoap.org/claims/EmailAddress',
  'mail',
  'email',
]

/** All values of an attribute by its name or friendly name, in any case. */
function valuesOf({ attributes }: SamlAssertion, name: string): string[] {
  const wanted = name.toLowerCase()
  return attributes
    .filter((one) => one.name.toLowerCase() === wanted || one.friendly_name.toLowerCase() === wanted)
    .flatMap(({ values }) => values)
}

/** What stays the same for a person at a provider; '' where nothing does (SAML Subject Identifier Attributes §3.3). */
export function userIdOf(assertion: SamlAssertion): string {
  const [own] = valuesOf(assertion, subjectId)
  if (own !== undefined) return own
  const { name } = assertion
  if (!name || name.format === formats.transient) return ''
  return name.format === formats.email ? name.value.trim().toLowerCase() : name.value
}

/** The address of a person where the mapping names none; '' without one. */
function emailOf(assertion: SamlAssertion): string {
  const found = emailAttributes.flatMap((name) => valuesOf(assertion, name)).find((value) => value !== '')
  if (found !== undefined) return found
  return assertion.name?.format === formats.email ? assertion.name.value : ''
}

/** The claims of a mapping: the first name with a value that is not empty counts, else the default. */
function mappedClaims(assertion: SamlAssertion, mapping: Json): Json {
  const claims: Json = {}
  for (const [claim, rule] of Object.entries(object(mapping.keys))) {
    const { name, names, default: fallback, array } = object(rule)
    const value = [name, ...list(names)]
      .filter((one): one is string => typeof one === 'string' && one !== '')
      .map((one) => valuesOf(assertion, one).filter(Boolean))
      .find((values) => values.length > 0)
    if (value) claims[claim] = array === true ? value : value[0]
    else if (fallback !== undefined && fallback !== null) claims[claim] = fallback
  }
  return claims
}

/** A mapping whose values cannot stand where its claims belong. */
export class MappingError extends Error {}

/**
 * What a provider says of a person, with what is no standard claim in `custom_claims`; without an address no `emails`.
 * @throws MappingError
 */
export function profileOfAssertion(assertion: SamlAssertion, entity_id: string, mapping: Json): Profile {
  const claims = mappedClaims(assertion, mapping)
  const email = typeof claims.email === 'string' && claims.email !== '' ? claims.email : emailOf(assertion)
  const { known, custom_claims } = sorted({ ...claims, email })
  try {
    requireTypes(known)
    const { custom_claims: _, ...standard } = claimsByName({ ...known, sub: userIdOf(assertion), iss: entity_id })
    return { claims: { ...standard, email, custom_claims }, emails: oneEmail(email, true) }
  } catch (error) {
    throw new MappingError('Mapped claims from provider could not be deserialized from JSON', { cause: error })
  }
}

/**
 * The claims that have a place, and the others. As recorded, names are compared without regard to case, and one in another
 * case than its place, or with a value that leaves its place empty, stands in both; `custom_claims` itself can be no claim.
 */
function sorted(claims: Json): { known: Json; custom_claims: Json } {
  const known: Json = {}
  const custom_claims: Json = {}
  for (const name of Object.keys(claims).sort()) {
    const place = name.toLowerCase()
    const hasPlace = isClaimName(place) || place === 'custom_claims'
    // As recorded, an empty text is the first moment of all.
    if (hasPlace) known[place] = place === 'updated_at' && claims[name] === '' ? '0001-01-01T00:00:00Z' : claims[name]
    if (!hasPlace || name !== place || leavesPlaceEmpty(place, claims[name])) custom_claims[name] = claims[name]
  }
  return { known, custom_claims }
}

/** Claims of the provider itself have a value always, and so have lists and times. */
const leavesPlaceEmpty = (place: string, value: unknown): boolean =>
  (value === '' || value === 0) && !['sub', 'iss', 'email', 'aud', 'updated_at'].includes(place)

/** What `claimsByName` takes more kindly than a mapping may be taken. */
function requireTypes(known: Json): void {
  const { email_verified, phone_verified, custom_claims, updated_at, aud } = known
  for (const value of [email_verified, phone_verified])
    if (value !== undefined && typeof value !== 'boolean') throw new Error('a claim is no boolean')
  if (custom_claims !== undefined && (typeof custom_claims !== 'object' || Array.isArray(custom_claims)))
    throw new Error('custom_claims is no object')
  if (updated_at !== undefined && !isTime(updated_at)) throw new Error('updated_at is no time')
  if (aud !== undefined && ![aud].flat().every((one) => typeof one === 'string')) throw new Error('aud is no text')
}

/** Seconds, or a time of RFC 3339. */
const isTime = (value: unknown): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)))
