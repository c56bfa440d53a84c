// What exports of other systems look like: each preset turns one of their accounts into a line of ours.
import { LineError } from './import-record.ts'

/** An account as another system writes it. */
export type Raw = Record<string, unknown>

/** Values that a preset needs beside the file. */
export interface PresetOptions {
  signer_key: string
  salt_separator: string
  rounds: string
  mem_cost: string
}

/** A form of exports. */
export interface Preset {
  title: string
  /** What the file is. */
  file: string
  record(raw: Raw, options: PresetOptions): Raw
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): Raw[] => (Array.isArray(value) ? value.map((item) => Object(item)) : [])
const isTrue = (value: unknown): boolean => value === true || value === 'true'
const filled = (fields: Raw): Raw =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && value !== null),
  )
const fromMs = (value: unknown): string | undefined => {
  const ms = Number(value)
  return value === undefined || value === '' || !Number.isFinite(ms) ? undefined : new Date(ms).toISOString()
}
const json = (field: string, value: unknown): Raw => {
  try {
    return typeof value === 'string' && value !== '' ? Object(JSON.parse(value)) : Object(value ?? {})
  } catch {
    throw new LineError(`${field}: is not JSON`)
  }
}
const names = (first: unknown, last: unknown) => [text(first), text(last)].filter((name) => name !== '').join(' ')

/** Names of providers elsewhere, where they are others than ours. */
const providers: Record<string, string> = {
  'google-oauth2': 'google',
  'google.com': 'google',
  'github.com': 'github',
  'apple.com': 'apple',
  'facebook.com': 'facebook',
  'twitter.com': 'twitter',
  'microsoft.com': 'azure',
  windowslive: 'azure',
  microsoft: 'azure',
}
const provider = (name: unknown): string => providers[text(name)] ?? text(name)
const identity = (name: unknown, id: unknown, more: Raw = {}): Raw => ({
  provider: provider(name),
  provider_id: String(id ?? ''),
  identity_data: { sub: String(id ?? ''), ...filled(more) },
})

/** Linked providers, and the address or number itself where there is a password or nothing else. */
function identitiesOf(linked: Raw[], own: { email?: unknown; phone?: unknown; has_password: boolean }): Raw {
  return linked.length === 0 || own.has_password ? {} : { identities: linked }
}

const auth0: Preset = {
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

const firebase: Preset = {
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

const clerk: Preset = {
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

const cognito: Preset = {
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

const keycloak: Preset = {
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

const betterAuth: Preset = {
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

/** Every preset by its name; `postern` is our own form, which `postern export` writes. */
export const presets: Record<string, Preset> = {
  postern: {
    title: 'Postern',
    file: 'what `postern export` writes, or NDJSON, JSON or CSV with the same fields',
    record: readOwn,
  },
  auth0,
  firebase,
  clerk,
  cognito,
  keycloak,
  'better-auth': betterAuth,
}

/** Columns of a CSV are texts; these hold JSON. */
function readOwn(raw: Raw): Raw {
  const objects = ['user_metadata', 'app_metadata', 'identities']
  const read = objects.flatMap((name) =>
    typeof raw[name] === 'string' && raw[name] !== '' ? [[name, json(name, raw[name])]] : [],
  )
  return { ...raw, ...Object.fromEntries(read) }
}
