// How long somebody is banned, as Go writes durations.
import { durationUnits, parseDuration } from '../../../config/times.ts'
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'

/** Go's longest duration, in milliseconds. */
const longest = 9_223_372_036_854.775

/**
 * The end of a ban that begins now, RFC 3339, or null for `none`.
 * @throws AuthError 400 validation_failed
 */
export function bannedUntil(ctx: Ctx, duration: string): string | null {
  if (duration === 'none') return null
  const ms = duration.length > 64 ? null : parseDuration(duration)
  if (ms === null || Math.abs(ms) > longest)
    throw invalid(`invalid format for ban duration: time: ${faultOf(duration.slice(0, 64))}`)
  // A ban of no length is none, as in the reference.
  return ms === 0 ? null : new Date(ctx.now() + ms).toISOString()
}

/** What Go says of a text that is no duration: the first number without a unit that it knows, else nothing more exact. */
function faultOf(text: string): string {
  for (const [, unit = ''] of text.replace(/^[+-]/, '').matchAll(/(?:\d+\.?\d*|\.\d+)([^\d.]*)/gy)) {
    if (unit === '') return `missing unit in duration ${quote(text)}`
    if (!durationUnits.includes(unit)) return `unknown unit ${quote(unit)} in duration ${quote(text)}`
  }
  return `invalid duration ${quote(text)}`
}

/** As Go quotes it there: bytes that are not printable ASCII in hexadecimal. */
const quote = (text: string): string =>
  `"${text
    .replace(/["\\]/g, '\\$&')
    .replace(/[^ -\x7f]/gu, (character) => Buffer.from(character).toString('hex').replace(/../g, '\\x$&'))}"`
