// The preset of Keycloak: a realm export with users.
import { each, known, lost, type Preset, type Raw, to } from './preset-columns.ts'
import { filled, isFalse, json, linked, ofService, text, withName } from './preset-fields.ts'
import { SkippedLine } from './record-form.ts'

const unpadded = (value: unknown) => text(value).replace(/=+$/, '')
const argon2Types: Record<string, string> = { id: 'argon2id', i: 'argon2i' }
const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

/** A password of Keycloak as a hash of a form that is known. */
function keycloakHash(data: Raw, secret: Raw): string {
  const algorithm = text(data.algorithm)
  const [salt, hash] = [unpadded(secret.salt), unpadded(secret.value)]
  if (algorithm.startsWith('pbkdf2')) {
    const digest = algorithm === 'pbkdf2' ? '' : `-${algorithm.slice('pbkdf2-'.length)}`
    return `$pbkdf2${digest}$${data.hashIterations}$${salt}$${hash}`
  }
  // Known only to its own documentation; the message names it, so that --without-passwords can leave it out.
  if (algorithm !== 'argon2') return `keycloak-${algorithm}$`
  const more = Object(data.additionalParameters)
  const type = argon2Types[text(firstOf(more.type))] ?? 'argon2id'
  return `$${type}$v=19$m=${firstOf(more.memory)},t=${data.hashIterations},p=${firstOf(more.parallelism)}$${salt}$${hash}`
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base32 without padding (RFC 4648 §6). */
function toBase32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => base32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** A second factor of Keycloak, whose secret is the text itself unless it says otherwise. */
function keycloakFactor(credential: Raw, data: Raw, secret: Raw): Raw {
  const usual = { subType: 'totp', digits: 6, period: 30, algorithm: 'HmacSHA1' }
  const differs = Object.entries(usual).filter(([name, value]) => (data[name] ?? value) !== value)
  // An app that counts otherwise cannot be told to count like ours.
  if (differs.length > 0)
    return { lost_factors: [`its app counts with ${differs.map(([name]) => `${name} ${data[name]}`).join(', ')}`] }
  const value = text(secret.value)
  return {
    factors: [
      filled({
        secret: data.secretEncoding === 'BASE32' ? value : toBase32(Buffer.from(value)),
        friendly_name: credential.userLabel,
        created_at: credential.createdDate,
      }),
    ],
  }
}

function keycloakCredential(credential: Raw): Raw {
  const data = Object(json('credentials.credentialData', credential.credentialData))
  const secret = Object(json('credentials.secretData', credential.secretData))
  if (credential.type === 'password') return { password_hash: keycloakHash(data, secret) }
  if (credential.type === 'otp') return keycloakFactor(credential, data, secret)
  return { lost_factors: [`a credential of type ${text(credential.type)} has no place here`] }
}

/** Exports of Keycloak. */
export const keycloak: Preset = {
  title: 'Keycloak',
  file: 'the JSON of a realm export with users',
  columns: {
    id: to('id'),
    username: to('profile.user_name'),
    email: to('email'),
    emailVerified: to('email_confirm'),
    enabled: to('banned', isFalse),
    createdTimestamp: to('created_at'),
    firstName: to('profile.first_name'),
    lastName: to('profile.last_name'),
    attributes: {
      read: (value) => ({
        profile: Object.fromEntries(
          Object.entries(Object(value)).map(([name, list]) => [
            name,
            Array.isArray(list) && list.length === 1 ? list[0] : list,
          ]),
        ),
      }),
    },
    realmRoles: to('app_metadata.roles'),
    clientRoles: to('app_metadata.client_roles'),
    groups: to('app_metadata.groups'),
    credentials: each(
      known('id', 'type', 'userLabel', 'createdDate', 'secretData', 'credentialData', 'priority', 'federationLink'),
      keycloakCredential,
    ),
    federatedIdentities: each(known('identityProvider', 'userId', 'userName'), (one) =>
      linked(one.identityProvider, one.userId, { user_name: one.userName }),
    ),
    serviceAccountClientId: {
      read: () => {
        throw new SkippedLine('a service account of a client, not a person')
      },
    },
    clientConsents: lost('people are asked again'),
    ...Object.fromEntries(
      [
        'requiredActions',
        'disableableCredentialTypes',
        'notBefore',
        'totp',
        'access',
        'origin',
        'self',
        'federationLink',
      ].map((name) => [name, ofService]),
    ),
  },
  finish: withName,
}
