// How long somebody is banned, as Go writes durations.
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'

const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}
/** Go's longest duration, in milliseconds. */
const longest = 9_223_372_036_854

/** Milliseconds of a duration such as `-1.5h` or `2h45m`; null when it is none. */
export function parseDuration(text: string): number | null {
  const match = /^([+-]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text)
  if (!match || text.length > 64) return null
  let total = 0
  for (const [, number = '0', unit = 's'] of (match[2] ?? '').matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(number) * (units[unit] ?? 0)
  return total > longest ? null : match[1] === '-' ? -total : total
}

/**
 * The end of a ban that begins now, RFC 3339, or null for `none`.
 * @throws AuthError 400 validation_failed
 */
export function bannedUntil(ctx: Ctx, duration: string): string | null {
  if (duration === 'none') return null
  const ms = parseDuration(duration)
  if (ms === null)
    throw invalid(`invalid format for ban duration: time: invalid duration ${JSON.stringify(duration.slice(0, 64))}`)
  // A ban of no length is none, as in the reference.
  return ms === 0 ? null : new Date(ctx.now() + ms).toISOString()
}
