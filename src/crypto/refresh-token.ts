// The two forms of refresh tokens: random text that is stored, and a counter signed with a key of the session.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from './codes.ts'

/** A token of version 2, taken apart; whether it is genuine, signatureMatches tells. */
export interface SignedToken {
  session_id: string
  counter: number
  /** What is signed: version, session and counter. */
  body: Buffer
  signature: Buffer
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** A token of version 1: 12 characters of `[a-z2-7]`, 60 random bits. */
export const newRefreshToken = (random: Random): string => Array.from(random(12), (byte) => base32[byte % 32]).join('')

/** Whether text looks like a token of version 1. */
export const isStoredTokenForm = (text: string): boolean => /^[a-z0-9]{12}$/.test(text)

const signatureLength = 16
const checksumLength = 4
/** Version, session id, one byte of counter, signature and checksum. */
const shortest = 17 + 1 + signatureLength + checksumLength
/** A counter that a number holds exactly has at most eight bytes. */
const longest = shortest + 7

/** A token of version 2; `key` is base64url text, as sessions.refresh_token_hmac_key has it when it is not encrypted. */
export function makeSignedToken(parts: { session_id: string; counter: number; key: string }): string {
  const session = Buffer.from(parts.session_id.replaceAll('-', ''), 'hex')
  const body = Buffer.concat([Buffer.of(0), session, encodeCounter(parts.counter)])
  const signed = Buffer.concat([body, sign(body, parts.key)])
  return Buffer.concat([signed, checksum(signed)]).toString('base64url')
}

/** Takes a token of version 2 apart; null for wrong length, spelling, version, checksum or counter. */
export function readSignedToken(text: string): SignedToken | null {
  if (text.length > Math.ceil((longest * 4) / 3)) return null
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < shortest || bytes.toString('base64url') !== text || bytes[0] !== 0) return null
  const signed = bytes.subarray(0, -checksumLength)
  if (!checksum(signed).equals(bytes.subarray(-checksumLength))) return null
  const body = signed.subarray(0, -signatureLength)
  const counter = decodeCounter(body.subarray(17))
  if (counter === null) return null
  const session_id = body.toString('hex', 1, 17).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { session_id, counter, body, signature: signed.subarray(-signatureLength) }
}

/** Whether a token was signed with a session's key (base64url text), compared in constant time. */
export const signatureMatches = (token: SignedToken, key: string): boolean =>
  timingSafeEqual(sign(token.body, key), token.signature)

const sign = (body: Buffer, key: string): Buffer =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update(body).digest().subarray(0, signatureLength)

const checksum = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest().subarray(0, checksumLength)

/** Unsigned LEB128; arithmetic without bit operators, which would cut to 32 bits. */
function encodeCounter(counter: number): Buffer {
  const bytes: number[] = []
  let rest = counter
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}

/** The counter that the bytes spell, in the one way that encodeCounter does; null otherwise. */
function decodeCounter(bytes: Buffer): number | null {
  let counter = 0
  for (const [index, byte] of bytes.entries()) counter += (byte % 128) * 128 ** index
  return Number.isSafeInteger(counter) && encodeCounter(counter).equals(bytes) ? counter : null
}
