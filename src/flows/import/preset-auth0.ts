// The preset of Auth0: its bulk user export, and the export of passwords that its support makes.
import { customHash } from './custom-hash.ts'
import { each, known, type Preset, partOf, type Raw, to } from './preset-columns.ts'
import { linked, ofService, text, tokens, withoutSecret } from './preset-fields.ts'

/** Providers of Auth0 that are its own ways to sign in. */
const auth0Own = ['auth0', 'email', 'sms']

/** Exports of Auth0. */
export const auth0: Preset = {
  title: 'Auth0',
  file: 'the NDJSON of a bulk user export, or of the password export that its support makes; import both, the second with --upsert',
  columns: {
    user_id: to('id'),
    _id: { read: (value, all) => (all.user_id ? {} : { id: `auth0|${text(Object(value).$oid) || value}` }) },
    email: to('email'),
    email_verified: to('email_confirm'),
    phone_number: to('phone'),
    phone_verified: to('phone_confirm'),
    password_hash: to('password_hash'),
    passwordHash: to('password_hash'),
    custom_password_hash: { read: (value) => ({ password_hash: customHash(Object(value)) }) },
    blocked: to('banned'),
    created_at: to('created_at'),
    updated_at: to('updated_at'),
    last_login: to('last_sign_in_at'),
    name: to('profile.name'),
    nickname: to('profile.nickname'),
    picture: to('profile.avatar_url'),
    given_name: to('profile.first_name'),
    family_name: to('profile.last_name'),
    username: to('profile.user_name'),
    locale: to('profile.locale'),
    user_metadata: to('user_metadata'),
    app_metadata: to('app_metadata'),
    roles: to('app_metadata.roles'),
    permissions: to('app_metadata.permissions'),
    groups: to('app_metadata.groups'),
    organizations: to('app_metadata.organizations'),
    identities: each(
      {
        ...known('provider', 'user_id', 'connection', 'isSocial', 'profileData'),
        access_token: tokens,
        access_token_secret: tokens,
        refresh_token: tokens,
        expires_in: tokens,
      },
      (one) => (auth0Own.includes(text(one.provider)) ? {} : linked(one.provider, one.user_id, profileOf(one))),
    ),
    mfa_factors: each({ totp: partOf('mfa_factors'), phone: partOf('mfa_factors'), email: withoutSecret }, (one) => {
      const [totp, phone] = [text(Object(one.totp).secret), text(Object(one.phone).value)]
      return {
        factors: [...(totp ? [{ secret: totp }] : []), ...(phone ? [{ factor_type: 'phone', phone }] : [])],
      }
    }),
    multifactor: withoutSecret,
    guardian_authenticators: withoutSecret,
    ...Object.fromEntries(
      ['last_ip', 'logins_count', 'last_password_reset', 'password_set_date', 'tenant', 'connection', '_tmp_is_unique']
        .concat('version', 'identifiers', 'email_lastUpdated', 'multifactor_last_modified', '__tenant')
        .map((name) => [name, ofService]),
    ),
  },
}

const profileOf = ({ profileData }: Raw): Raw => {
  const { email, email_verified, name, picture, nickname } = Object(profileData)
  return { email, email_verified, name, avatar_url: picture, user_name: nickname }
}
