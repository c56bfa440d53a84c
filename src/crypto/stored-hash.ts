// The forms of stored password hashes, this server's own and those of other systems, and what each may cost to check.

/** A stored hash that can be checked. */
export type StoredHash =
  | { kind: 'bcrypt'; cost: number; text: string }
  | { kind: 'argon2'; text: string }
  | FirebaseHash

/** Firebase's scrypt: the derived key encrypts the signer key, and the result is compared. */
export interface FirebaseHash {
  kind: 'fbscrypt'
  /** Base 2 logarithm of scrypt's N. */
  n: number
  r: number
  p: number
  /** Salt and salt separator. */
  salt: Buffer
  signer_key: Buffer
  hash: Buffer
}

/** Limits that keep one check within a few seconds of one core; the reference's own where it has them. */
const limits = {
  bcrypt_cost: { least: 4, most: 15 },
  /** KiB, passes and lanes; `work` is memory times passes. */
  argon2: { m: 1_048_576, t: 20, p: 16, work: 4_194_304 },
  /** `work` is N·r·p: at most 256 MiB, sixteen times Firebase's own setting. */
  fbscrypt: { n: 24, work: 2 ** 21 },
}

/** Takes a stored hash apart, or says what is wrong with it. */
export function parseStoredHash(text: string): StoredHash | { kind: 'unsupported'; problem: string } {
  if (text.startsWith('$argon2')) return parseArgon2(text)
  if (text.startsWith('$fbscrypt$')) return parseFirebase(text)
  return parseBcrypt(text)
}

const unsupported = (problem: string) => ({ kind: 'unsupported', problem }) as const

function parseBcrypt(text: string): ReturnType<typeof parseStoredHash> {
  const parts = /^\$2[abxy]?(\$(\d\d)\$[./A-Za-z0-9]{53})$/.exec(text)
  if (!parts) return unsupported('password hash is not of a supported form')
  const cost = Number(parts[2])
  const { least, most } = limits.bcrypt_cost
  if (cost < least || cost > most) return unsupported(`bcrypt hash has a cost that is not between ${least} and ${most}`)
  // All prefixes name the same algorithm here; the library does not know `$2$`.
  return { kind: 'bcrypt', cost, text: `$2b${parts[1]}` }
}

function parseArgon2(text: string): ReturnType<typeof parseStoredHash> {
  const parts =
    /^\$argon2(?:id|i)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text)
  if (!parts) return unsupported('argon2 hash is not argon2i or argon2id of version 19 with m, t and p only')
  const numbers = parts.slice(1, 4)
  const [m = 0, t = 0, p = 0] = numbers.map(Number)
  const most = limits.argon2
  if (m > most.m || t > most.t || p > most.p || m * t > most.work)
    return unsupported('argon2 hash has parameters that exceed the limits of memory and time')
  const [salt, hash] = parts.slice(4).map((part) => unpadded(part))
  // RFC 9106 §3.1, and how the reference implementation writes it.
  const isValid = t >= 1 && p >= 1 && m >= 8 * p && numbers.every((digits) => String(Number(digits)) === digits)
  if (!isValid || !salt || salt.length < 8 || !hash || hash.length < 4)
    return unsupported('argon2 hash has parameters, a salt or a hash that are not valid')
  return { kind: 'argon2', text }
}

/** The bytes of base64 without padding; null for what nobody writes, with a rest that is no byte. */
function unpadded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : null
}

const base64 = '((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)'
const firebaseForm = new RegExp(
  `^\\$fbscrypt\\$v=1,n=(\\d{1,2}),r=(\\d{1,4}),p=(\\d{1,4})(?:,ss=${base64})?(?:,sk=${base64})?\\$${base64}\\$${base64}$`,
)

function parseFirebase(text: string): ReturnType<typeof parseStoredHash> {
  const parts = firebaseForm.exec(text)
  if (!parts) return unsupported('fbscrypt hash is not of the form v=1,n=…,r=…,p=…,ss=…,sk=…')
  const [n = 0, r = 0, p = 0] = parts.slice(1, 4).map(Number)
  if (n > limits.fbscrypt.n || 2 ** n * r * p > limits.fbscrypt.work)
    return unsupported('fbscrypt hash has parameters that exceed the limits of memory and time')
  // RFC 7914 §2: N is over 1 and under 2^(128·r/8).
  if (n < 1 || r < 1 || p < 1 || n >= 16 * r) return unsupported('fbscrypt hash has parameters that are not valid')
  const [separator, signer_key, salt, hash] = parts.slice(4).map((part) => Buffer.from(part ?? '', 'base64'))
  if (!separator || !signer_key || !salt || !hash) return unsupported('fbscrypt hash is not complete')
  // With a short signer key, or none, many passwords or all of them would match.
  if (signer_key.length < 16 || signer_key.length !== hash.length)
    return unsupported('fbscrypt hash needs a signer key as long as itself, of at least 16 bytes')
  return { kind: 'fbscrypt', n, r, p, salt: Buffer.concat([salt, separator]), signer_key, hash }
}
