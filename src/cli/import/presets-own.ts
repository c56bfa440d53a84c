// Presets of software that people run themselves: Keycloak, better-auth.

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
  type Raw,
  text,
} from './preset-fields.ts'
import { LineError } from './to-imported-user.ts'

const unpadded = (value: unknown) => text(value).replace(/=+$/, '')
const argon2Types: Record<string, string> = { id: 'argon2id', i: 'argon2i' }
const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

/** A credential of Keycloak as a hash of a form that is known. */
function keycloakHash(credential: Raw): string {
  const data = json('credentials.credentialData', credential.credentialData)
  const secret = json('credentials.secretData', credential.secretData)
  const algorithm = text(data.algorithm)
  const salt = unpadded(secret.salt)
  const hash = unpadded(secret.value)
  if (algorithm.startsWith('pbkdf2')) {
    const digest = algorithm === 'pbkdf2' ? '' : `-${algorithm.slice('pbkdf2-'.length)}`
    return `$pbkdf2${digest}$${data.hashIterations}$${salt}$${hash}`
  }
  if (algorithm !== 'argon2') throw new LineError(`credentials: algorithm ${algorithm} is not supported`)
  const more = Object(data.additionalParameters)
  const type = argon2Types[text(firstOf(more.type))] ?? 'argon2id'
  return `$${type}$v=19$m=${firstOf(more.memory)},t=${data.hashIterations},p=${firstOf(more.parallelism)}$${salt}$${hash}`
}

/** Exports of Keycloak. */
export const keycloak: Preset = {
  title: 'Keycloak',
  file: 'the JSON of a realm export with users',
  record(raw) {
    const credential = list(raw.credentials).find((one) => one.type === 'password')
    const linked = list(raw.federatedIdentities).map((one) =>
      identity(one.identityProvider, one.userId, { user_name: one.userName }),
    )
    return filled({
      id: raw.id,
      email: raw.email,
      email_confirm: isTrue(raw.emailVerified),
      password_hash: credential && keycloakHash(credential),
      banned: raw.enabled === false,
      created_at: fromMs(raw.createdTimestamp),
      user_metadata: filled({
        name: names(raw.firstName, raw.lastName),
        first_name: raw.firstName,
        last_name: raw.lastName,
        user_name: raw.username,
        ...Object(raw.attributes),
      }),
      ...identitiesOf(linked, { has_password: credential !== undefined }),
    })
  },
}

/** Exports of better-auth. */
export const betterAuth: Preset = {
  title: 'better-auth',
  file: 'NDJSON or JSON of its table user, each with its rows of account as `accounts`',
  record(raw) {
    const accounts = list(raw.accounts)
    const own = accounts.find((one) => one.providerId === 'credential')
    const linked = accounts
      .filter((one) => one.providerId !== 'credential')
      .map((one) => identity(one.providerId, one.accountId))
    return filled({
      id: raw.id,
      email: raw.email,
      email_confirm: isTrue(raw.emailVerified),
      phone: raw.phoneNumber,
      phone_confirm: isTrue(raw.phoneNumberVerified),
      password_hash: own?.password,
      banned: isTrue(raw.banned),
      created_at: raw.createdAt,
      updated_at: raw.updatedAt,
      user_metadata: filled({ name: raw.name, avatar_url: raw.image }),
      ...identitiesOf(linked, { has_password: own !== undefined }),
    })
  },
}
