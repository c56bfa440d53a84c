// The texts in which other systems write password hashes, as data: a pattern, and what is read from it.
import type { Digest, ForeignHash } from './foreign-hash.ts'
import { parseMd5Crypt } from './md5-crypt.ts'
import { parsePhpass } from './phpass.ts'
import { parseShaCrypt } from './sha-crypt.ts'

/** Envelopes around a hash that stands for itself. */
const envelopes: [RegExp, string][] = [
  [/^\{(?:CRYPT|MD5-CRYPT|SHA256-CRYPT|SHA512-CRYPT|BLF-CRYPT|BCRYPT|ARGON2|ARGON2I|ARGON2ID)\}(?=\$)/i, ''],
  [/^argon2(?=\$argon2)/, ''],
  [/^bcrypt\$(?=\$2)/, ''],
]

/** A hash without the envelope that Django, LDAP or Dovecot put around it. */
export const withoutEnvelope = (text: string): string =>
  envelopes.reduce((bare, [pattern, instead]) => bare.replace(pattern, instead), text.trim())

type Form = [pattern: RegExp, read: (parts: string[]) => ForeignHash | null]

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('base64')
const fromHex = (text: string): string => Buffer.from(text, 'hex').toString('base64')
const fromText = (text: string): string => Buffer.from(text).toString('base64')
const digestNamed = (name: string): Digest => name.toLowerCase().replace('sha-', 'sha') as Digest
const b64 = '[A-Za-z0-9+/]+=*'

/** Digests by the number of their hexadecimal digits. */
const bySize: Record<number, Digest> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}
const hexDigest = '(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})'

const scrypt = (N: string, r: string, p: string, salt: string, hash: string): ForeignHash => ({
  scheme: 'scrypt',
  n: Math.log2(Number(N)),
  r: Number(r),
  p: Number(p),
  salt,
  hash,
})
const pbkdf2 = (digest: string, iterations: string, salt: string, hash: string): ForeignHash => ({
  scheme: 'pbkdf2',
  digest: digestNamed(digest || 'sha1'),
  iterations: Number(iterations),
  salt,
  hash,
})
/** passlib writes a dot for the plus of base64. */
const adapted = (text = ''): string => fromBase64(text.replaceAll('.', '+'))

const forms: Form[] = [
  // PHC strings
  [
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/.]+)=*\$([A-Za-z0-9+/.]+)=*$/,
    ([ln = '', r = '', p = '', salt, hash]) => scrypt(String(2 ** Number(ln)), r, p, adapted(salt), adapted(hash)),
  ],
  [
    /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,8})(?:,l=\d+)?\$([A-Za-z0-9+/.]+)=*\$([A-Za-z0-9+/.]+)=*$/,
    ([digest = '', iterations = '', salt, hash]) => pbkdf2(digest, iterations, adapted(salt), adapted(hash)),
  ],
  [
    /^\$bcrypt-sha256\$v=2,t=2[aby],r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/,
    ([cost = '', salt = '', hash = '']) => ({
      scheme: 'bcrypt_of',
      of: 'hmac_sha256',
      text: `$2b$${cost.padStart(2, '0')}$${salt}${hash}`,
    }),
  ],
  // Django
  [
    new RegExp(`^pbkdf2_(sha1|sha256)\\$(\\d{1,8})\\$([^$]+)\\$(${b64})$`),
    ([digest = '', iterations = '', salt = '', hash = '']) =>
      pbkdf2(digest, iterations, fromText(salt), fromBase64(hash)),
  ],
  [/^bcrypt_sha256\$(\$2.*)$/, ([text = '']) => ({ scheme: 'bcrypt_of', of: 'sha256_hex', text })],
  [
    new RegExp(`^scrypt\\$(\\d{1,8})\\$([^$]+)\\$(\\d{1,3})\\$(\\d{1,3})\\$(${b64})$`),
    ([N = '', salt = '', r = '', p = '', hash = '']) => scrypt(N, r, p, fromText(salt), fromBase64(hash)),
  ],
  // werkzeug, and what Django and old werkzeug write alike: a digest behind the salt, or an HMAC under it
  [
    /^pbkdf2:(sha1|sha256|sha512):(\d{1,8})\$([^$]+)\$([0-9a-f]+)$/,
    ([digest = '', iterations = '', salt = '', hash = '']) => pbkdf2(digest, iterations, fromText(salt), fromHex(hash)),
  ],
  [
    /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([^$]+)\$([0-9a-f]+)$/,
    ([N = '', r = '', p = '', salt = '', hash = '']) => scrypt(N, r, p, fromText(salt), fromHex(hash)),
  ],
  [
    /^(md5|sha1|sha224|sha256|sha384|sha512)\$([^$]*)\$([0-9a-f]+)$/i,
    ([digest = '', salt = '', hash = '']) => digested(digestNamed(digest), hash, salt, ['before', 'hmac']),
  ],
  // PHP
  [/^\$wp(\$2.*)$/, ([text = '']) => ({ scheme: 'bcrypt_of', of: 'wordpress', text })],
  // LDAP
  [
    /^\{PBKDF2(?:-(SHA1|SHA256|SHA512))?\}(\d{1,8})\$([A-Za-z0-9+/.]+)=*\$([A-Za-z0-9+/.]+)=*$/i,
    ([digest = '', iterations = '', salt, hash]) => pbkdf2(digest, iterations, adapted(salt), adapted(hash)),
  ],
  [
    new RegExp(`^\\{(S?)(MD5|SHA|SHA224|SHA256|SHA384|SHA512)\\}(${b64})$`, 'i'),
    ([salted = '', name = '', bytes = '']) => fromLdap(name, salted !== '', Buffer.from(bytes, 'base64')),
  ],
  // better-auth; its salt is the hexadecimal text, not what that stands for
  [
    /^([0-9a-f]{32}):([0-9a-f]{128})$/,
    ([salt = '', hash = '']) =>
      ({ ...scrypt('16384', '16', '1', fromText(salt), fromHex(hash)), nfkc: true }) as ForeignHash,
  ],
  // ASP.NET Identity
  [/^(A[A-Za-z0-9+/]{59,}=*)$/, ([text = '']) => fromAspNet(Buffer.from(text, 'base64'))],
  // Digests in hexadecimal, alone or with a salt (Joomla, Magento; its version 1 is SHA-256)
  [new RegExp(`^(${hexDigest})$`, 'i'), ([hash = '']) => digested(bySize[hash.length], hash, '', ['before'])],
  [
    new RegExp(`^(${hexDigest}):([^:]{1,128})(?::[01])?$`, 'i'),
    ([hash = '', salt = '']) => digested(bySize[hash.length], hash, salt, ['before', 'after']),
  ],
]

function digested(
  digest: Digest | undefined,
  hash: string,
  salt: string,
  salt_at: ('before' | 'after' | 'hmac')[],
): ForeignHash | null {
  if (digest === undefined || bySize[hash.length] !== digest) return null
  return { scheme: 'digest', digest, salt: fromText(salt), salt_at, hash: fromHex(hash) }
}

const sizes: Partial<Record<string, [Digest, number]>> = {
  MD5: ['md5', 16],
  SHA: ['sha1', 20],
  SHA224: ['sha224', 28],
  SHA256: ['sha256', 32],
  SHA384: ['sha384', 48],
  SHA512: ['sha512', 64],
}

function fromLdap(name: string, is_salted: boolean, bytes: Buffer): ForeignHash | null {
  const [digest, size] = sizes[name.toUpperCase()] ?? ['md5', 0]
  if (size === 0 || bytes.length < size || bytes.length > size !== is_salted) return null
  const [hash, salt] = [bytes.subarray(0, size), bytes.subarray(size)].map((part) => part.toString('base64'))
  return { scheme: 'digest', digest, salt: salt ?? '', salt_at: 'after', hash: hash ?? '' }
}

/** Version 3: a byte 1, then PRF, iterations and length of the salt as 32 bits each; version 2: a byte 0, salt and key. */
function fromAspNet(bytes: Buffer): ForeignHash | null {
  const part = (from: number, to?: number) => bytes.subarray(from, to).toString('base64')
  if (bytes[0] === 0) return bytes.length === 49 ? pbkdf2('sha1', '1000', part(1, 17), part(17)) : null
  if (bytes[0] !== 1 || bytes.length < 13 + 16) return null
  const digest = ['sha1', 'sha256', 'sha512'][bytes.readUInt32BE(1)]
  const salt_end = 13 + bytes.readUInt32BE(9)
  if (digest === undefined || salt_end > bytes.length) return null
  return pbkdf2(digest, String(bytes.readUInt32BE(5)), part(13, salt_end), part(salt_end))
}

/** Reads a hash of another system; null for one that is known to nobody here, or that the reference reads itself. */
export function parseForeignHash(given: string): ForeignHash | null {
  const text = withoutEnvelope(given)
  if (parseShaCrypt(text)) return { scheme: 'sha_crypt', text }
  if (parseMd5Crypt(text)) return { scheme: 'md5_crypt', text }
  if (parsePhpass(text)) return { scheme: 'phpass', text }
  for (const [pattern, read] of forms) {
    const found = pattern.exec(text)
    const hash = found && read(found.slice(1))
    if (hash) return hash
  }
  return null
}

/** How a hash begins, up to where what is secret could begin; for messages. */
export function prefixOf(text: string): string {
  const prefix = /^(\$[A-Za-z0-9_.-]{1,20}\$|\{[A-Za-z0-9_.-]{1,20}\}|[a-z][A-Za-z0-9_:.-]{0,30}\$)/.exec(
    text.trim(),
  )?.[0]
  return prefix === undefined ? `has no known prefix (${text.trim().length} characters)` : `begins with ${prefix}`
}
