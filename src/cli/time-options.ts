// Options that hold a length of time or a point in time, as people write them.
import { type Option, quoted } from './command.ts'
import { UsageError } from './usage-error.ts'

const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 365 * 86_400 }
const longest_s = 100 * 365 * 86_400

/** Seconds of `90m`, `24h`, `7d`, `1h30m` or a bare number of them; null for anything else. */
function secondsOf(given: string): number | null {
  if (/^\d{1,10}$/.test(given)) return Number(given)
  if (!/^(\d{1,10}[smhdwy])+$/.test(given)) return null
  return [...given.matchAll(/(\d+)([smhdwy])/g)].reduce(
    (total, [, number, unit = 's']) => total + Number(number) * (seconds[unit] ?? 0),
    0,
  )
}

/** A length of time, in seconds. */
export const duration = (about: string): Option<number | undefined> => ({
  about,
  value: 'TIME',
  fallback: undefined,
  read([given = '']) {
    const found = secondsOf(given)
    if (found !== null && found > 0 && found <= longest_s) return found
    throw new UsageError(
      `must be a length of time such as 90m, 24h, 7d or 1h30m, a century at most, not ${quoted(given)}`,
    )
  },
})

/** A point in time, RFC 3339; a date begins in UTC, a length of time ended now. */
export const pointInTime = (about: string): Option<string | undefined> => ({
  about,
  value: 'TIME',
  fallback: undefined,
  read([given = '']) {
    const ago = /[smhdwy]$/.test(given) ? secondsOf(given) : null
    const isDate = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(given)
    const at = ago === null ? Date.parse(isDate ? withZone(given) : '') : Date.now() - ago * 1000
    if (!Number.isNaN(at)) return new Date(at).toISOString()
    throw new UsageError(`must be a time such as 2026-01-31, 2026-01-31T12:00Z or 24h (ago), not ${quoted(given)}`)
  },
})

const withZone = (given: string): string =>
  given.length > 10 && !/(Z|[+-]\d\d:?\d\d)$/.test(given) ? `${given.replace(' ', 'T')}Z` : given.replace(' ', 'T')
