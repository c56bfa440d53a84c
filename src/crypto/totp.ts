// Codes of authenticator apps (RFC 6238: SHA-1, six digits, thirty seconds) and their secrets in base32 (RFC 4648 §6).
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from './codes.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const period_s = 30

/** A secret of 160 bits, the size of the hash (RFC 4226 §4). */
export const newTotpSecret = (random: Random): string => {
  const bits = [...random(20)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('')
}

function bytesOf(secret: string): Buffer {
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}

/** The code of a secret at a time in seconds since the epoch. */
export function totpCode(secret: string, at_s: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at_s / period_s)))
  const digest = createHmac('sha1', bytesOf(secret)).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/**
 * The time step of a code, which is the secret's now, a period before or a period after (RFC 6238 §5.2).
 * @returns null for a code that is not
 */
export function totpStep(secret: string, code: string, now_s: number): number | null {
  const given = Buffer.from(code)
  const current = Math.floor(now_s / period_s)
  let found: number | null = null
  for (const step of [current - 1, current, current + 1]) {
    const expected = Buffer.from(totpCode(secret, step * period_s))
    if (given.length === expected.length && timingSafeEqual(given, expected)) found = step
  }
  return found
}

/** When the code of a time step is over for certain, in seconds since the epoch. */
export const totpStepEnd_s = (step: number): number => (step + 3) * period_s

/** The address that apps read from a QR code: `otpauth://totp/issuer:account?…`. */
export function totpUri(secret: string, issuer: string, account: string): string {
  const parameters = Object.entries({ algorithm: 'SHA1', digits: '6', issuer, period: String(period_s), secret })
  const query = parameters.map(([name, value]) => `${name}=${escapePart(value)}`).join('&')
  return `otpauth://totp/${escapePart(issuer)}:${escapePart(account)}?${query}`
}

/** As recorded, `:` and `@` stay as they are (RFC 3986 §3.3 and §3.4 allow both). */
const escapePart = (text: string): string => encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%40', '@')
