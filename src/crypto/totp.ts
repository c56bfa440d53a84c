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

/** Whether a code is the secret's now, a period before or a period after (RFC 6238 §5.2). */
export function totpMatches(secret: string, code: string, now_s: number): boolean {
  const given = Buffer.from(code)
  let matches = false
  for (const drift of [-1, 0, 1]) {
    const expected = Buffer.from(totpCode(secret, now_s + drift * period_s))
    if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true
  }
  return matches
}

/** The address that apps read from a QR code: `otpauth://totp/issuer:account?…`. */
export function totpUri(secret: string, issuer: string, account: string): string {
  const parameters = Object.entries({ algorithm: 'SHA1', digits: '6', issuer, period: String(period_s), secret })
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?${query}`
}
