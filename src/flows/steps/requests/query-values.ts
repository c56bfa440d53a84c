// Values of parameters that are ours: absent is undefined, anything wrong is refused by name.
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'

/**
 * A text of at most 255 characters.
 * @throws AuthError 400 validation_failed
 */
export function readText(ctx: Ctx, name: string): string | undefined {
  const text = ctx.query.get(name)
  if (text === null) return undefined
  if (text === '' || text.length > 255 || text.includes('\0') || !text.isWellFormed())
    throw invalid(`${name} must be a text of 1 to 255 characters`)
  return text
}

/**
 * `true` or `false`.
 * @throws AuthError 400 validation_failed
 */
export function readFlag(ctx: Ctx, name: string): boolean | undefined {
  const text = ctx.query.get(name)
  if (text === null) return undefined
  if (text !== 'true' && text !== 'false') throw invalid(`${name} must be true or false`)
  return text === 'true'
}

const dateForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/i

/**
 * A date or a time with its zone (RFC 3339 §5.6).
 * @throws AuthError 400 validation_failed
 */
export function readTime(ctx: Ctx, name: string): string | undefined {
  const text = ctx.query.get(name)
  if (text === null) return undefined
  // A plus sign of the zone that was not encoded arrives as a space.
  const time = text.replace(/ (?=\d\d:\d\d$)/, '+')
  const ms = dateForm.test(time) ? Date.parse(time) : Number.NaN
  if (Number.isNaN(ms)) throw invalid(`${name} must be a date or time such as 2026-01-31 or 2026-01-31T12:00:00Z`)
  // A day that the calendar does not have would be read as one of the next month.
  const [year = 0, month = 0, day = 0] = time.slice(0, 10).split('-').map(Number)
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) throw invalid(`${name} must be a day that exists`)
  // PostgreSQL knows no year 0, and zones up to 15:59 (security REV-18).
  const [, zone_hours = '0'] = /[+-](\d\d):\d\d$/.exec(time.slice(10)) ?? []
  if (year === 0 || Number(zone_hours) > 15) throw invalid(`${name} must be a time that the database can hold`)
  return /t/i.test(time) ? time : `${time}T00:00:00Z`
}
