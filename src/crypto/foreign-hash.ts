// Password hashes of other systems that the reference does not read: kept in schema postern until the first sign-in.
import { createHash, createHmac, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { md5Crypt, parseMd5Crypt } from './md5-crypt.ts'
import type { PasswordEngine } from './password-engine.ts'
import { parsePhpass, phpass } from './phpass.ts'
import { parseShaCrypt, shaCrypt } from './sha-crypt.ts'
import { parseStoredHash } from './stored-hash.ts'

const digests = z.enum(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])
const saltPlaces = z.enum(['before', 'after', 'hmac'])
const bytes = { salt: z.base64(), hash: z.base64() }

/** The form of a hash with all that is needed to check it; buffers in base64, so that it is JSON. */
export const foreignForm = z.discriminatedUnion('scheme', [
  z.object({
    scheme: z.literal('scrypt'),
    n: z.number(),
    r: z.number(),
    p: z.number(),
    ...bytes,
    nfkc: z.boolean().optional(),
  }),
  z.object({ scheme: z.literal('pbkdf2'), digest: digests, iterations: z.number(), ...bytes }),
  z.object({ scheme: z.enum(['sha_crypt', 'md5_crypt', 'phpass']), text: z.string() }),
  // Where a form does not say where its salt stands, each place is tried; `hmac` is its key.
  z.object({
    scheme: z.literal('digest'),
    digest: digests,
    ...bytes,
    salt_at: z.union([saltPlaces, z.array(saltPlaces)]),
  }),
  z.object({
    scheme: z.literal('bcrypt_of'),
    of: z.enum(['sha256_hex', 'hmac_sha256', 'wordpress']),
    text: z.string(),
  }),
])

/** A hash of another system. */
export type ForeignHash = z.output<typeof foreignForm>
/** Digests that hashes are made of. */
export type Digest = z.output<typeof digests>
type SaltPlace = z.output<typeof saltPlaces>

/** Limits that keep one check within a few seconds of one core; `work` of scrypt is N·r·p. */
const most = { scrypt_work: 2 ** 21, pbkdf2_iterations: 2_000_000, sha_crypt_rounds: 200_000, phpass_log_rounds: 18 }

const deriveScrypt = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)
const derivePbkdf2 = promisify(pbkdf2)

/** What bcrypt is given instead of the password: Django, passlib and WordPress 6.8 make it shorter than 72 bytes first. */
const inputs = {
  sha256_hex: (password: string) => createHash('sha256').update(password).digest('hex'),
  hmac_sha256: (password: string, salt: string) => createHmac('sha256', salt).update(password).digest('base64'),
  wordpress: (password: string) =>
    createHmac('sha384', 'wp-sha384')
      .update(password.replace(/^[ \n\r\t\v\0]+|[ \n\r\t\v\0]+$/g, ''))
      .digest('base64'),
}

/** What is wrong with a hash that is to be kept; null when it can be checked within the limits of cost. */
export function foreignProblem(foreign: ForeignHash): string | null {
  if ('text' in foreign) return textProblem(foreign)
  if (foreign.scheme === 'scrypt') {
    const { n, r, p } = foreign
    if (![n, r, p].every(Number.isInteger) || n < 1 || n > 24 || r < 1 || p < 1 || n >= 16 * r)
      return 'scrypt hash has parameters that are not valid'
    if (2 ** n * r * p > most.scrypt_work) return 'scrypt hash has parameters that exceed the limits of memory and time'
  }
  const isCounted = (count: number) => Number.isInteger(count) && count >= 1 && count <= most.pbkdf2_iterations
  if (foreign.scheme === 'pbkdf2' && !isCounted(foreign.iterations))
    return `pbkdf2 hash has iterations that are not between 1 and ${most.pbkdf2_iterations}`
  // With hardly any hash, many passwords would match; with a long one, each check would cost more.
  const size = Buffer.from(foreign.hash, 'base64').length
  return size < 16 || size > 512 ? 'password hash is too short or too long' : null
}

function textProblem(foreign: Extract<ForeignHash, { text: string }>): string | null {
  if (foreign.scheme === 'bcrypt_of') {
    const parsed = parseStoredHash(foreign.text)
    if (parsed.kind === 'unsupported') return parsed.problem
    return parsed.kind === 'bcrypt' ? null : 'password hash is not of a supported form'
  }
  if (foreign.scheme === 'md5_crypt') return parseMd5Crypt(foreign.text) ? null : 'md5-crypt hash is not complete'
  if (foreign.scheme === 'phpass') {
    const log_rounds = parsePhpass(foreign.text)?.log_rounds ?? 0
    return log_rounds < 4 || log_rounds > most.phpass_log_rounds
      ? `phpass hash has rounds that are not between 2^4 and 2^${most.phpass_log_rounds}`
      : null
  }
  const rounds = parseShaCrypt(foreign.text)?.rounds ?? 0
  return rounds < 1 || rounds > most.sha_crypt_rounds
    ? `SHA-crypt hash has more than ${most.sha_crypt_rounds} rounds`
    : null
}

/** Whether a password has a hash; long work happens on other threads, or with turns of the event loop in between. */
export async function matchesForeign(
  password: string,
  foreign: ForeignHash,
  by: Pick<PasswordEngine, 'verifyBcrypt'>,
): Promise<boolean> {
  if (foreignProblem(foreign) !== null) return false
  if ('text' in foreign) return matchesText(password, foreign, by)
  const [salt, hash] = [Buffer.from(foreign.salt, 'base64'), Buffer.from(foreign.hash, 'base64')]
  if (foreign.scheme === 'digest')
    return [foreign.salt_at].flat().some((place) => isSame(digestOf(password, foreign.digest, salt, place), hash))
  return isSame(await derive(password, foreign, salt, hash.length), hash)
}

async function matchesText(
  password: string,
  foreign: Extract<ForeignHash, { text: string }>,
  by: Pick<PasswordEngine, 'verifyBcrypt'>,
): Promise<boolean> {
  const { scheme, text } = foreign
  if (scheme === 'bcrypt_of') {
    const parsed = parseStoredHash(text)
    // The salt of the bcrypt hash is the key of the HMAC, as it is written.
    const input = inputs[foreign.of](password, text.slice(7, 29))
    return parsed.kind === 'bcrypt' && by.verifyBcrypt(input, parsed.text)
  }
  const parts = await computed[scheme](password, text)
  return parts !== null && isSame(Buffer.from(parts.made), Buffer.from(parts.hash))
}

/** What a password makes of a text's parameters, and what the text holds; null for a text of another form. */
type Computed = (password: string, text: string) => Promise<{ made: string; hash: string } | null>

const computedBy =
  <Parts extends { hash: string }>(
    parse: (text: string) => Parts | null,
    make: (password: string, parts: Parts) => Promise<string>,
  ): Computed =>
  async (password, text) => {
    const parts = parse(text)
    return parts && { made: await make(password, parts), hash: parts.hash }
  }

const computed = {
  sha_crypt: computedBy(parseShaCrypt, shaCrypt),
  md5_crypt: computedBy(parseMd5Crypt, md5Crypt),
  phpass: computedBy(parsePhpass, phpass),
}

function digestOf(password: string, digest: Digest, salt: Buffer, place: SaltPlace): Buffer {
  if (place === 'hmac') return createHmac(digest, salt).update(password).digest()
  const parts = place === 'before' ? [salt, password] : [password, salt]
  return parts.reduce((made, part) => made.update(part), createHash(digest)).digest()
}

async function derive(
  password: string,
  foreign: Extract<ForeignHash, { scheme: 'scrypt' | 'pbkdf2' }>,
  salt: Buffer,
  size: number,
): Promise<Buffer> {
  if (foreign.scheme === 'pbkdf2') return derivePbkdf2(password, salt, foreign.iterations, size, foreign.digest)
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
