// The JSON of an account, as answers, tokens and hooks show it.
import type { Factor } from '../../../storage/factors.ts'
import type { Identity } from '../../../storage/identities.ts'
import type { RecoveryCodeSet } from '../../../storage/recovery-codes.ts'
import type { User } from '../../../storage/users.ts'

/** RFC 3339 in UTC with `Z`, from what PostgreSQL writes in rows or in JSON. */
export function utcTime(text: string): string {
  if (text.endsWith('Z')) return text
  const plain = text.replace(' ', 'T').replace(/[+-]00(:?00)?$/, '')
  return `${plain.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}Z`
}

const time = (name: string, value: string | null) => (value === null ? {} : { [name]: utcTime(value) })
const filled = (name: string, value: string | null | undefined) => (value ? { [name]: value } : {})

/** IDENTITY of routes.md. */
export function presentIdentity(identity: Identity): Record<string, unknown> {
  return {
    identity_id: identity.id,
    id: identity.provider_id,
    user_id: identity.user_id,
    ...(Object.keys(identity.identity_data ?? {}).length > 0 && { identity_data: identity.identity_data }),
    provider: identity.provider,
    ...time('last_sign_in_at', identity.last_sign_in_at),
    ...time('created_at', identity.created_at),
    ...time('updated_at', identity.updated_at),
    ...filled('email', identity.email),
  }
}

/** The second factors of an account; its recovery codes count as one, though the contract's table cannot hold them. */
export function presentFactors({ factors, recovery_codes }: Pick<User, 'factors' | 'recovery_codes'>) {
  return [...factors.map(presentFactor), ...(recovery_codes ? [presentRecoveryCodes(recovery_codes)] : [])]
}

const presentRecoveryCodes = (set: RecoveryCodeSet): Record<string, unknown> => ({
  id: set.id,
  created_at: utcTime(set.created_at),
  updated_at: utcTime(set.updated_at),
  status: 'verified',
  friendly_name: set.friendly_name,
  factor_type: 'recovery_code',
  phone: '',
  last_challenged_at: null,
})

/** FACTOR of routes.md. */
export function presentFactor(factor: Factor): Record<string, unknown> {
  return {
    id: factor.id,
    created_at: utcTime(factor.created_at),
    updated_at: utcTime(factor.updated_at),
    status: factor.status,
    ...filled('friendly_name', factor.friendly_name),
    factor_type: factor.factor_type,
    phone: factor.phone ?? '',
    last_challenged_at: factor.last_challenged_at === null ? null : utcTime(factor.last_challenged_at),
    ...filled('web_authn_aaguid', factor.web_authn_aaguid),
    ...(factor.last_webauthn_challenge_data
      ? { last_webauthn_challenge_data: factor.last_webauthn_challenge_data }
      : {}),
  }
}

/** How an account is shown. */
export interface Presentation {
  /** Leave out `confirmed_at`: the reference does not read it back after some writes. */
  written?: boolean
}

/** USER of routes.md; lists show the same by `shownUser` of storage. */
export function presentUser(user: User, { written = false }: Presentation = {}): Record<string, unknown> {
  return {
    id: user.id,
    aud: user.aud ?? '',
    role: user.role ?? '',
    email: user.email ?? '',
    ...time('email_confirmed_at', user.email_confirmed_at),
    ...time('invited_at', user.invited_at),
    phone: user.phone ?? '',
    ...time('phone_confirmed_at', user.phone_confirmed_at),
    ...time('confirmation_sent_at', user.confirmation_sent_at),
    ...(written ? {} : time('confirmed_at', user.confirmed_at)),
    ...time('recovery_sent_at', user.recovery_sent_at),
    ...filled('new_email', user.email_change),
    ...time('email_change_sent_at', user.email_change_sent_at),
    ...filled('new_phone', user.phone_change),
    ...time('phone_change_sent_at', user.phone_change_sent_at),
    ...time('reauthentication_sent_at', user.reauthentication_sent_at),
    ...time('last_sign_in_at', user.last_sign_in_at),
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    ...(user.factors.length === 0 ? {} : { factors: presentFactors(user) }),
    identities: user.identities.map(presentIdentity),
    ...time('created_at', user.created_at),
    ...time('updated_at', user.updated_at),
    ...time('banned_until', user.banned_until),
    ...time('deleted_at', user.deleted_at),
    is_anonymous: user.is_anonymous,
  }
}
