// How long somebody is banned, as Go writes durations.
import { parseDuration } from '../../../config/times.ts'
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'

/** Go's longest duration, in milliseconds. */
const longest = 9_223_372_036_854

/**
 * The end of a ban that begins now, RFC 3339, or null for `none`.
 * @throws AuthError 400 validation_failed
 */
export function bannedUntil(ctx: Ctx, duration: string): string | null {
  if (duration === 'none') return null
  const ms = duration.length > 64 ? null : parseDuration(duration)
  if (ms === null || Math.abs(ms) > longest)
    throw invalid(`invalid format for ban duration: time: invalid duration ${JSON.stringify(duration.slice(0, 64))}`)
  // A ban of no length is none, as in the reference.
  return ms === 0 ? null : new Date(ctx.now() + ms).toISOString()
}
