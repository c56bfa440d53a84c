// The preset of better-auth: its tables user and account.
import { each, known, lost, type Preset, to } from './preset-columns.ts'
import { filled, isTrue, linked, ofService, tokens, words } from './preset-fields.ts'

/** Exports of better-auth. */
export const betterAuth: Preset = {
  title: 'better-auth',
  file: 'NDJSON, JSON or CSV of its table user, with its table account as a second file or as `accounts` in each line',
  tables: [
    { column: 'accounts', by: 'userId', known_by: ['userId', 'providerId', 'accountId'] },
    { column: 'twoFactors', by: 'userId', known_by: ['userId', 'secret', 'backupCodes'] },
  ],
  columns: {
    id: to('id'),
    email: to('email'),
    emailVerified: to('email_confirm'),
    phoneNumber: to('phone'),
    phoneNumberVerified: to('phone_confirm'),
    name: to('profile.name'),
    image: to('profile.avatar_url'),
    username: to('profile.user_name'),
    displayUsername: to('profile.nickname'),
    banned: to('banned'),
    banExpires: { read: (value, { banned }) => (isTrue(banned) ? { banned_until: value } : {}) },
    banReason: to('app_metadata.ban_reason'),
    role: to('app_metadata.roles', words),
    isAnonymous: to('is_anonymous'),
    createdAt: to('created_at'),
    updatedAt: to('updated_at'),
    accounts: each(
      {
        ...known('id', 'userId', 'accountId', 'providerId', 'password', 'createdAt', 'updatedAt', 'issuer'),
        ...Object.fromEntries(
          ['accessToken', 'refreshToken', 'idToken', 'scope', 'accessTokenExpiresAt', 'refreshTokenExpiresAt'].map(
            (name) => [name, tokens],
          ),
        ),
      },
      (one) =>
        one.providerId === 'credential'
          ? filled({ password_hash: one.password })
          : linked(one.providerId, one.accountId),
    ),
    twoFactors: lost('its secrets are encrypted with the secret of the application; people set them up again'),
    twoFactorEnabled: lost('the secrets are in table twoFactor, encrypted; people set them up again', isTrue),
    lastLoginMethod: ofService,
  },
}
