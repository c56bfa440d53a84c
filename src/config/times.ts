// Reads durations, rates and points in time as the reference writes them.

/** `events` in `per_ms`; a `fixed` window begins anew, otherwise one event is refilled each `per_ms`. */
export interface Rate {
  events: number
  per_ms: number
  fixed: boolean
}

const hour_ms = 3_600_000
const nanoseconds: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** Units of a duration. */
export const durationUnits: readonly string[] = Object.keys(nanoseconds)

/** Milliseconds of a Go duration such as `300ms`, `-1.5h` or `1h30m`, exact to the nanosecond; null for anything else. */
export function parseDuration(text: string): number | null {
  const [, sign, rest = ''] = /^([+-]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text) ?? []
  if (sign === undefined) return null
  let total = 0
  for (const [, amount = '', unit = ''] of rest.matchAll(/([\d.]+)([^\d.]+)/g))
    total += Number(amount) * (nanoseconds[unit] ?? 0)
  const ms = Math.round(total) / 1e6
  // 0 - 0 is 0, where -0 would be a value of its own to some comparisons.
  return sign === '-' ? 0 - ms : ms
}

/** As `parseDuration`. @throws Error for anything else */
export function readDuration(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new Error('must be a duration such as 300ms, 10s or 1h30m')
  return ms
}

/**
 * A rate: `30` is 30 in each fixed hour; `30/1h` is 30 at once, refilled by one each hour.
 * @throws Error for anything else
 */
export function readRate(text: string): Rate {
  const plain = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isFinite(plain)) return { events: plain, per_ms: hour_ms, fixed: true }
  const [, events, per = ''] = /^(\d+)\/([^/]+)$/.exec(text) ?? []
  if (events === undefined) throw new Error('must be events an hour such as 30, or events/duration such as 30/1h')
  const per_ms = readDuration(per)
  if (per_ms <= 0) throw new Error('must have a duration over 0 after the slash')
  return { events: Number(events), per_ms, fixed: false }
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

/**
 * Milliseconds since the epoch of a time as in RFC 3339 §5.6; null for `''`.
 * @throws Error for anything else, also for a time without an offset, which would depend on the machine
 */
export function readTime(text: string): number | null {
  if (text === '') return null
  const ms = Date.parse(text.toUpperCase())
  // The 30th of February would count as a day of March.
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? []
  const isDay = Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (!rfc3339.test(text) || Number.isNaN(ms) || !isDay || /[Tt ]24/.test(text))
    throw new Error('must be a time such as 2026-12-31T00:00:00Z')
  return ms
}
