// Password hashes of other systems that the reference does not read: kept in schema postern until the first sign-in.
import { createHash, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { parseShaCrypt, shaCrypt } from './sha-crypt.ts'

/** A hash with all that is needed to check it; buffers in base64, so that it is JSON. */
export type ForeignHash =
  | { scheme: 'scrypt'; n: number; r: number; p: number; salt: string; hash: string; nfkc?: boolean }
  | { scheme: 'pbkdf2'; digest: Digest; iterations: number; salt: string; hash: string }
  | { scheme: 'sha_crypt'; text: string }
  | { scheme: 'digest'; digest: Digest; salt: string; salt_at: 'before' | 'after'; hash: string }

type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512'

/** Limits that keep one check within a few seconds of one core; `work` of scrypt is N·r·p. */
const most = { scrypt_work: 2 ** 21, pbkdf2_iterations: 2_000_000, sha_crypt_rounds: 200_000 }

const deriveScrypt = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)
const derivePbkdf2 = promisify(pbkdf2)

const base64 = (text: string): string => Buffer.from(text, 'base64').toString('base64')
const digests: Record<string, Digest> = { '': 'sha1', sha1: 'sha1', sha256: 'sha256', sha512: 'sha512' }

/** Reads a hash: PHC strings of scrypt, PBKDF2 (passlib, Django), SHA-crypt, LDAP's salted digests, better-auth's form. */
export function parseForeignHash(text: string): ForeignHash | null {
  const phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/.]+)=*\$([A-Za-z0-9+/.]+)=*$/.exec(text)
  if (phc) {
    const [, ln, r, p, salt = '', hash = ''] = phc
    return { scheme: 'scrypt', n: Number(ln), r: Number(r), p: Number(p), salt: base64(salt), hash: base64(hash) }
  }
  const kdf =
    /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,8})(?:,l=\d+)?\$([A-Za-z0-9+/.]+)=*\$([A-Za-z0-9+/.]+)=*$/.exec(
      text,
    )
  if (kdf) {
    // passlib writes a dot for the plus of base64.
    const [, name = '', iterations, salt = '', hash = ''] = kdf.map((part) => part?.replaceAll('.', '+'))
    return {
      scheme: 'pbkdf2',
      digest: digests[name] ?? 'sha1',
      iterations: Number(iterations),
      salt: base64(salt),
      hash: base64(hash),
    }
  }
  const django = /^pbkdf2_(sha1|sha256)\$(\d{1,8})\$([^$]+)\$([A-Za-z0-9+/]+=*)$/.exec(text)
  if (django) {
    const [, name = '', iterations, salt = '', hash = ''] = django
    return {
      scheme: 'pbkdf2',
      digest: digests[name] ?? 'sha256',
      iterations: Number(iterations),
      salt: Buffer.from(salt).toString('base64'),
      hash: base64(hash),
    }
  }
  if (parseShaCrypt(text)) return { scheme: 'sha_crypt', text }
  const ldap = /^\{(SMD5|SSHA|SSHA256|SSHA512)\}([A-Za-z0-9+/]+=*)$/.exec(text)
  if (ldap) return fromLdap(ldap[1] ?? '', Buffer.from(ldap[2] ?? '', 'base64'))
  const better = /^([0-9a-f]{32}):([0-9a-f]{128})$/.exec(text)
  if (!better) return null
  const [, salt = '', hash = ''] = better
  // Its salt is the hexadecimal text, not what that stands for.
  return {
    scheme: 'scrypt',
    n: 14,
    r: 16,
    p: 1,
    salt: Buffer.from(salt).toString('base64'),
    hash: Buffer.from(hash, 'hex').toString('base64'),
    nfkc: true,
  }
}

function fromLdap(name: string, bytes: Buffer): ForeignHash | null {
  const [digest, size] = (
    { SMD5: ['md5', 16], SSHA: ['sha1', 20], SSHA256: ['sha256', 32], SSHA512: ['sha512', 64] } as const
  )[name] ?? ['md5', 16]
  if (bytes.length <= size) return null
  const [hash, salt] = [bytes.subarray(0, size), bytes.subarray(size)].map((part) => part.toString('base64'))
  return { scheme: 'digest', digest, salt: salt ?? '', salt_at: 'after', hash: hash ?? '' }
}

/** What is wrong with a hash that is to be kept; null when it can be checked within the limits of cost. */
export function foreignProblem(foreign: ForeignHash): string | null {
  if (foreign.scheme === 'scrypt') {
    const { n, r, p } = foreign
    if (n < 1 || n > 24 || r < 1 || p < 1 || n >= 16 * r) return 'scrypt hash has parameters that are not valid'
    if (2 ** n * r * p > most.scrypt_work) return 'scrypt hash has parameters that exceed the limits of memory and time'
  }
  if (foreign.scheme === 'pbkdf2' && (foreign.iterations < 1 || foreign.iterations > most.pbkdf2_iterations))
    return `pbkdf2 hash has iterations that are not between 1 and ${most.pbkdf2_iterations}`
  if (foreign.scheme === 'sha_crypt') {
    const rounds = parseShaCrypt(foreign.text)?.rounds ?? 0
    return rounds < 1 || rounds > most.sha_crypt_rounds
      ? `SHA-crypt hash has more than ${most.sha_crypt_rounds} rounds`
      : null
  }
  // With hardly any hash, many passwords would match.
  return Buffer.from(foreign.hash, 'base64').length < 16 ? 'password hash is too short' : null
}

/** Whether a password has a hash; long work happens on libuv's threads. */
export async function matchesForeign(password: string, foreign: ForeignHash): Promise<boolean> {
  if (foreignProblem(foreign) !== null) return false
  if (foreign.scheme === 'sha_crypt') {
    const parts = parseShaCrypt(foreign.text)
    return parts !== null && isSame(Buffer.from(await shaCrypt(password, parts)), Buffer.from(parts.hash))
  }
  const [salt, hash] = [Buffer.from(foreign.salt, 'base64'), Buffer.from(foreign.hash, 'base64')]
  return isSame(await derive(password, foreign, salt, hash.length), hash)
}

async function derive(
  password: string,
  foreign: Exclude<ForeignHash, { scheme: 'sha_crypt' }>,
  salt: Buffer,
  size: number,
): Promise<Buffer> {
  if (foreign.scheme === 'pbkdf2') return derivePbkdf2(password, salt, foreign.iterations, size, foreign.digest)
  if (foreign.scheme === 'digest') {
    const parts = foreign.salt_at === 'before' ? [salt, password] : [password, salt]
    return parts.reduce((made, part) => made.update(part), createHash(foreign.digest)).digest()
  }
  const { n, r, p, nfkc } = foreign
  const N = 2 ** n
  return deriveScrypt(nfkc ? password.normalize('NFKC') : password, salt, size, {
    N,
    r,
    p,
    maxmem: 128 * r * (N + p + 2) + 1024,
  })
}

const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
