// The codes of devices (RFC 8628): the one that a device keeps, and the one that its owner types elsewhere.
import { createHash } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { pageOfSite } from './page-of-site.ts'

/** The value of `grant_type`. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Letters that nobody takes for one another, and that make no words (RFC 8628 §6.1). */
const letters = 'BCDFGHJKLMNPQRSTVWXZ'
const length = 8

/** A code to type: 34 random bits, in two groups. */
export function newUserCode({ random }: Ctx): string {
  // 6 bytes are so many more than a letter needs that none is likelier.
  const code = Array.from({ length }, () => letters[random(6).readUIntBE(0, 6) % letters.length]).join('')
  return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`
}

/** A code as it was typed, in the one spelling; null for what cannot be one. */
export function readUserCode(typed: string): string | null {
  const bare = typed.toUpperCase().replace(/[\s._-]/g, '')
  const isCode = bare.length === length && [...bare].every((letter) => letters.includes(letter))
  return isCode ? `${bare.slice(0, length / 2)}-${bare.slice(length / 2)}` : null
}

/** What is stored of a code. */
export const deviceHash = (kind: 'device code' | 'user code', code: string): string =>
  createHash('sha256').update(`${kind}:${code}`).digest('hex')

/** Where people type the code: the application's own page, or that of Postern; null where there is neither. */
export const devicePage = (ctx: Ctx): string | null => pageOfSite(ctx, ctx.config.oauth_device_path, '/pages/device')
