// Presets of services: Auth0, Firebase, Clerk, Cognito.

import type { Raw } from './preset-fields.ts'
import {
  filled,
  fromMs,
  identitiesOf,
  identity,
  isTrue,
  json,
  list,
  names,
  type Preset,
  text,
} from './preset-fields.ts'
import { LineError } from './to-imported-user.ts'

/** Exports of Auth0. */
export const auth0: Preset = {
  title: 'Auth0',
  file: 'the NDJSON of a bulk user export, or of the password export that its support makes',
  record(raw) {
    const id = raw.user_id ?? Reflect.get(Object(raw._id), '$oid')
    const linked = list(raw.identities)
      .filter((one) => one.provider !== 'auth0')
      .map((one) => identity(one.provider, one.user_id))
    const password_hash = text(raw.passwordHash) || text(raw.password_hash)
    return filled({
      id,
      email: raw.email,
      email_confirm: isTrue(raw.email_verified),
      phone: raw.phone_number,
      phone_confirm: isTrue(raw.phone_verified),
      password_hash,
      banned: isTrue(raw.blocked),
      created_at: raw.created_at,
      updated_at: raw.updated_at,
      last_sign_in_at: raw.last_login,
      user_metadata: {
        ...filled({ name: raw.name, nickname: raw.nickname, avatar_url: raw.picture }),
        ...Object(raw.user_metadata),
      },
      app_metadata: raw.app_metadata,
      ...identitiesOf(linked, { has_password: password_hash !== '' }),
    })
  },
}

const standardBase64 = (value: string): string => Buffer.from(value, 'base64').toString('base64')

/** Exports of Firebase Authentication. */
export const firebase: Preset = {
  title: 'Firebase Authentication',
  file: 'the JSON of `firebase auth:export`; with passwords, the parameters of the project by --firebase-…',
  record(raw, { signer_key, salt_separator, rounds, mem_cost }) {
    if (raw.passwordHash && signer_key === '')
      throw new LineError('passwordHash: --firebase-signer-key is needed to read passwords')
    const linked = list(raw.providerUserInfo)
      .filter((one) => one.providerId !== 'password' && one.providerId !== 'phone')
      .map((one) =>
        identity(one.providerId, one.rawId, { email: one.email, name: one.displayName, avatar_url: one.photoUrl }),
      )
    const password_hash =
      raw.passwordHash &&
      `$fbscrypt$v=1,n=${mem_cost},r=${rounds},p=1,ss=${standardBase64(salt_separator)},sk=${standardBase64(signer_key)}$${standardBase64(text(raw.salt))}$${standardBase64(text(raw.passwordHash))}`
    return filled({
      id: raw.localId,
      email: raw.email,
      email_confirm: isTrue(raw.emailVerified),
      phone: raw.phoneNumber,
      phone_confirm: raw.phoneNumber !== undefined,
      password_hash,
      banned: isTrue(raw.disabled),
      created_at: fromMs(raw.createdAt),
      last_sign_in_at: fromMs(raw.lastSignedInAt),
      user_metadata: filled({ name: raw.displayName, avatar_url: raw.photoUrl }),
      app_metadata: json('customAttributes', raw.customAttributes),
      ...identitiesOf(linked, { has_password: Boolean(raw.passwordHash) }),
    })
  },
}

/** Exports of Clerk. */
export const clerk: Preset = {
  title: 'Clerk',
  file: 'the CSV of its dashboard',
  record(raw) {
    const verified = (kind: string, value: unknown) => text(raw[`verified_${kind}`]).split(/[|,]/).includes(text(value))
    const { primary_email_address: email, primary_phone_number: phone } = raw
    return filled({
      id: raw.id,
      email,
      email_confirm:
        text(email) !== '' && (raw.verified_email_addresses === undefined || verified('email_addresses', email)),
      phone,
      phone_confirm: text(phone) !== '' && verified('phone_numbers', phone),
      password_hash: raw.password_digest,
      user_metadata: filled({
        name: names(raw.first_name, raw.last_name),
        first_name: raw.first_name,
        last_name: raw.last_name,
        user_name: raw.username,
      }),
    })
  },
}

/** Exports of Amazon Cognito. */
export const cognito: Preset = {
  title: 'Amazon Cognito',
  file: 'the JSON of `list-users`, or a CSV with the columns of its import; it gives no passwords away',
  record(raw) {
    const attributes = list(raw.Attributes ?? raw.UserAttributes).map((one) => [text(one.Name), one.Value])
    const fields: Raw = attributes.length > 0 ? Object.fromEntries(attributes) : raw
    return filled({
      id: fields.sub ?? raw.Username ?? raw['cognito:username'],
      email: fields.email,
      email_confirm: isTrue(fields.email_verified),
      phone: fields.phone_number,
      phone_confirm: isTrue(fields.phone_number_verified),
      banned: raw.Enabled === false,
      created_at: raw.UserCreateDate,
      updated_at: raw.UserLastModifiedDate,
      user_metadata: filled({
        name: text(fields.name) || names(fields.given_name, fields.family_name),
        first_name: fields.given_name,
        last_name: fields.family_name,
        avatar_url: fields.picture,
      }),
    })
  },
}
