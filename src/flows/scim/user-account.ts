// The account of a person whom a company manages: what a user of SCIM makes of address, identity and metadata.
import type { ScimCtx } from '../../context.ts'
import { fullName, identityData } from '../../providers/claims.ts'
import type { Metadata } from '../../storage/metadata.ts'
import { invalidValue, type Resource } from './read-resource.ts'

/** A user as the row has it. */
export interface UserFields {
  user_name: string
  external_id: string | null
  active: boolean
  attributes: Metadata
}

/** Characters of a name that people are found by. */
const mostName = 512

/**
 * A resource as a row; whether somebody is active stays as it was where nothing is said of it.
 * @throws AuthError 400 invalidValue without a name to sign in with
 */
export function fieldsOf(resource: Resource, was_active = true): UserFields {
  const { id: _, meta: __, userName, externalId, active = was_active, ...attributes } = resource
  const user_name = typeof userName === 'string' ? userName.trim() : ''
  if (user_name === '') throw invalidValue('userName is required')
  for (const [name, text] of Object.entries({ userName: user_name, externalId }))
    if (typeof text === 'string' && text.length > mostName)
      throw invalidValue(`${name} must be at most ${mostName} characters long`)
  return {
    user_name,
    external_id: typeof externalId === 'string' ? externalId : null,
    active: active !== false,
    attributes,
  }
}

/** The same as a resource, without what only the server writes. */
export const resourceOf = ({ user_name, external_id, active, attributes }: UserFields): Resource => ({
  ...(external_id !== null && { externalId: external_id }),
  userName: user_name,
  active,
  ...attributes,
})

/** Name of the provider as identities have it. */
export const providerName = ({ scim }: ScimCtx): string => `sso:${scim.provider_id}`

/** The address of the account: the preferred one, that at work, the first, or the name where it is one; null for none. */
export function emailOf({ user_name, attributes }: UserFields): string | null {
  const emails: { value?: unknown; type?: unknown; primary?: unknown }[] = Array.isArray(attributes.emails)
    ? attributes.emails
    : []
  const chosen = emails.find(({ primary }) => primary === true) ??
    emails.find(({ type }) => String(type).toLowerCase() === 'work') ??
    emails[0] ?? { value: user_name }
  const text = typeof chosen.value === 'string' ? chosen.value.trim().toLowerCase() : ''
  return /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 255 ? text : null
}

/** What the provider says of the person, as a sign-in with it would say (the same claims, its own word on the address). */
export function identityOf(ctx: ScimCtx, fields: UserFields): Metadata {
  const { attributes } = fields
  const given: Metadata = { ...Object(attributes.name) }
  const name = attributes.displayName || given.formatted || fullName(given.givenName ?? '', given.familyName ?? '')
  const email = emailOf(fields)
  return identityData({
    claims: {
      ...(ctx.scim.entity_id !== null && { iss: ctx.scim.entity_id }),
      sub: fields.user_name,
      name,
      full_name: name,
      given_name: given.givenName,
      family_name: given.familyName,
      nickname: attributes.nickName,
      locale: attributes.locale,
      zoneinfo: attributes.timezone,
    },
    emails: email === null ? [] : [{ email, verified: true, primary: true }],
  })
}
