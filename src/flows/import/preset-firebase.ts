// The preset of Firebase Authentication: JSON, and the CSV without a header.
import { each, known, type Preset, partOf, type Raw, to } from './preset-columns.ts'
import { filled, json, linked, ofService, standardBase64, text, unlessZero, withoutSecret } from './preset-fields.ts'
import { LineError } from './record-form.ts'

/** Providers of which a CSV of Firebase has four columns each, in its order. */
const firebaseProviders = ['google.com', 'facebook.com', 'twitter.com', 'github.com']

/** Exports of Firebase Authentication. */
export const firebase: Preset = {
  title: 'Firebase Authentication',
  file: 'the JSON or CSV of `firebase auth:export`; with passwords, the parameters of the project by --firebase-…',
  order: [
    ...['localId', 'email', 'emailVerified', 'passwordHash', 'salt', 'displayName', 'photoUrl'],
    ...firebaseProviders.flatMap((name) =>
      ['rawId', 'email', 'displayName', 'photoUrl'].map((field) => `${name} ${field}`),
    ),
    ...['createdAt', 'lastSignedInAt', 'phoneNumber', 'disabled', 'customAttributes'],
  ],
  columns: {
    localId: to('id'),
    email: to('email'),
    emailVerified: to('email_confirm'),
    passwordHash: {
      read(value, { salt }, { signer_key, salt_separator, rounds, mem_cost }) {
        if (signer_key === '') throw new LineError('passwordHash: --firebase-signer-key is needed to read passwords')
        const parameters = `v=1,n=${mem_cost},r=${rounds},p=1,ss=${standardBase64(salt_separator)},sk=${standardBase64(signer_key)}`
        return {
          password_hash: `$fbscrypt$${parameters}$${standardBase64(text(salt))}$${standardBase64(text(value))}`,
        }
      },
    },
    salt: partOf('passwordHash'),
    displayName: to('profile.name'),
    photoUrl: to('profile.avatar_url'),
    phoneNumber: { read: (value) => ({ phone: value, phone_confirm: true }) },
    disabled: to('banned'),
    createdAt: to('created_at', unlessZero),
    lastSignedInAt: to('last_sign_in_at', unlessZero),
    lastLoginAt: to('last_sign_in_at', unlessZero),
    customAttributes: to('app_metadata', (value) => json('customAttributes', value)),
    customClaims: to('app_metadata'),
    tenantId: to('app_metadata.tenant_id'),
    providerUserInfo: each(
      known('providerId', 'rawId', 'federatedId', 'email', 'displayName', 'photoUrl', 'phoneNumber', 'screenName'),
      (one) =>
        ['password', 'phone'].includes(text(one.providerId)) ? {} : linked(one.providerId, one.rawId, infoOf(one)),
    ),
    ...Object.fromEntries(
      firebaseProviders.flatMap((name) => [
        [
          `${name} rawId`,
          {
            read: (value: unknown, all: Raw) =>
              linked(
                name,
                value,
                infoOf({
                  email: all[`${name} email`],
                  displayName: all[`${name} displayName`],
                  photoUrl: all[`${name} photoUrl`],
                }),
              ),
          },
        ],
        ...['email', 'displayName', 'photoUrl'].map((field) => [`${name} ${field}`, partOf(`${name} rawId`)] as const),
      ]),
    ),
    mfaInfo: each(
      {
        ...known('mfaEnrollmentId', 'displayName', 'phoneInfo', 'unobfuscatedPhoneInfo', 'enrolledAt'),
        totpInfo: withoutSecret,
      },
      (one) => {
        const phone = text(one.unobfuscatedPhoneInfo) || text(one.phoneInfo)
        return phone === ''
          ? {}
          : {
              factors: [
                filled({ factor_type: 'phone', phone, friendly_name: one.displayName, created_at: one.enrolledAt }),
              ],
            }
      },
    ),
    ...Object.fromEntries(
      [
        'passwordUpdatedAt',
        'version',
        'validSince',
        'lastRefreshAt',
        'initialEmail',
        'emailLinkSignin',
        'kind',
        'dateOfBirth',
      ].map((name) => [name, ofService]),
    ),
  },
}

const infoOf = (one: Raw): Raw => ({
  email: one.email,
  name: one.displayName,
  avatar_url: one.photoUrl,
  user_name: one.screenName,
})
