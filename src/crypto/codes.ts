// One-time codes and their hashes, hashes for accounts without a password, and the proof of PKCE.
import { createHash, timingSafeEqual } from 'node:crypto'

/** A source of random bytes. */
export type Random = (size: number) => Buffer

/** A code of `length` digits, uniform in [0, 10^length), with leading zeros. */
export function randomDigits(length: number, random: Random): string {
  // 16 bytes more than the digits need make the bias of the remainder smaller than 2^-128.
  const wide = BigInt(`0x${random(16 + Math.ceil(length / 2)).toString('hex')}`)
  return (wide % 10n ** BigInt(length)).toString().padStart(length, '0')
}

/** What a link carries: 224 random bits in hex, so that it is as long as the hash that links of the reference carry. */
export const newLinkToken = (random: Random): string => random(28).toString('hex')

/** What is stored of a random secret (a link, a handle, a token): there is nothing to be guessed, so that a plain hash does. */
export const randomHash = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/**
 * Hash of a code as it is stored: SHA-224 of address and code, in hex.
 * The schema is shared with the reference, so there is no server key in it: who can read the table can find a
 * six-digit code (a residual risk; its life is short and its attempts are counted).
 */
export const tokenHash = (address: string, otp: string): string =>
  createHash('sha224').update(address).update(otp).digest('hex')

/** Compares two hashes in constant time. */
export function hashesMatch(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Whether a code verifier proves a challenge (RFC 7636 §4.6); the method in any case, unknown ones prove nothing. */
export function pkceChallengeMatches(verifier: string, challenge: string, method: string): boolean {
  if (verifier === '' || challenge === '') return false
  const name = method.toLowerCase()
  if (name === 's256') return hashesMatch(createHash('sha256').update(verifier).digest('base64url'), challenge)
  return name === 'plain' && hashesMatch(verifier, challenge)
}

const bcryptAlphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Salt of hashes that are of no password, by which ours are known again; nobody finds a password for a random hash. */
const unusablePrefix = '$2a$10$PosternHasNoPassword..'

/** What looks like a bcrypt hash of cost 10, of a password that nobody knows: no time is spent on one. */
export function unusableHash(random: Random): string {
  const letters = Array.from(random(30), (byte) => bcryptAlphabet[byte % 64]).join('')
  // The last letter of a hash carries four bits.
  return `${unusablePrefix}${letters}${bcryptAlphabet[((random(1)[0] ?? 0) % 16) * 4]}`
}

/** Whether a hash is one of ours for an account without a password. */
export const isUnusableHash = (hash: string): boolean => hash.startsWith(unusablePrefix)
