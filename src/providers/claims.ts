// What a provider says of a person, in the claims that an identity can hold (OpenID Connect Core §5.1 and a few more).
import { isNumber, type Json, text } from './read-answer.ts'

/** An e-mail address as a provider knows it. */
export interface ProviderEmail {
  email: string
  /** Whether the provider proved it. */
  verified: boolean
  primary: boolean
}

/** What a provider says of a person. */
export interface Profile {
  claims: Json
  emails: ProviderEmail[]
}

const textClaims = [
  ...['iss', 'sub', 'name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile'],
  ...['picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'email', 'phone', 'full_name', 'avatar_url'],
  ...['slug', 'provider_id', 'user_name'],
] as const
const numberClaims = ['iat', 'exp'] as const
const boolClaims = ['email_verified', 'phone_verified'] as const

/** Every claim that an identity can hold. */
const claimNames = [...textClaims, ...numberClaims, ...boolClaims, 'aud', 'updated_at'] as const

/** Whether a claim has a place of its own, beside `custom_claims`. */
export const isClaimName = (name: string): boolean => (claimNames as readonly string[]).includes(name)

/** The claims that most providers have alike; `iss` is the address of their API. */
export const standardClaims = (iss: string, person: { id: unknown; name: unknown; picture?: unknown }): Json => {
  const [id, name, picture] = [text(person.id), text(person.name), text(person.picture)]
  return { iss, sub: id, provider_id: id, name, full_name: name, picture, avatar_url: picture }
}

/** The list of a single address; empty without one. */
export const oneEmail = (email: unknown, verified: boolean): ProviderEmail[] =>
  typeof email === 'string' && email !== '' ? [{ email, verified, primary: true }] : []

/** Two names with a space between. */
export const fullName = (first: unknown, last: unknown): string => `${text(first)} ${text(last)}`.trim()

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** The claims without the empty ones, e-mail address and its state from the primary address, else the last one. */
export function identityData({ claims, emails }: Profile): Json {
  const data: Json = {}
  const { custom_claims, ...others } = claims
  const custom = Object.entries(Object(custom_claims)).filter(([, value]) => value !== undefined)
  for (const name of claimNames) if (!isEmpty(others[name])) data[name] = others[name]
  // As recorded, a provider that has claims of its own keeps the place for them, though there are none.
  if (custom_claims !== undefined) data.custom_claims = Object.fromEntries(custom)
  const shown = emails.find(({ primary }) => primary) ?? emails.at(-1)
  return {
    ...data,
    ...(shown && { email: shown.email.toLowerCase() }),
    email_verified: shown?.verified ?? false,
    phone_verified: claims.phone_verified === true,
  }
}

/** `true` as a boolean or as text, as some providers write it; whatever else stands there is no proof. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true'

/**
 * Claims taken by their names; all others are left out.
 * @throws Error for a text or number of another type than its own
 */
export function claimsByName(raw: Json): Json {
  const claims: Json = {}
  const take = (name: string, type: 'string' | 'number') => {
    const value = raw[name]
    if (value === undefined || value === null) return
    if (typeof value !== type) throw new Error(`the claim ${name} is no ${type}`)
    claims[name] = value
  }
  for (const name of textClaims) take(name, 'string')
  for (const name of numberClaims) take(name, 'number')
  for (const name of boolClaims) if (raw[name] !== undefined && raw[name] !== null) claims[name] = isTrue(raw[name])
  if (raw.aud !== undefined && raw.aud !== null) claims.aud = [raw.aud].flat().map(text)
  if (raw.updated_at !== undefined && raw.updated_at !== null) claims.updated_at = timeClaim(raw.updated_at)
  if (typeof raw.custom_claims === 'object' && raw.custom_claims !== null) claims.custom_claims = raw.custom_claims
  return claims
}

/** RFC 3339 text of a time given as text or in seconds; `''` for one that nobody can read. */
function timeClaim(value: unknown): string {
  const time = new Date(isNumber(value) || /^\d+$/.test(text(value)) ? Number(text(value)) * 1000 : text(value))
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().replace('.000Z', 'Z')
}

/** A profile of claims taken by their names; the address is verified as `email_verified` says. */
export function profileByName(raw: Json): Profile {
  const claims = claimsByName(raw)
  return { claims, emails: oneEmail(claims.email, claims.email_verified === true) }
}
