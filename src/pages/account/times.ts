// Times of the API in words of the reader.
import type { PageCtx } from '../page.ts'

const asDate = (text: unknown): Date | null => {
  const date = new Date(String(text ?? ''))
  return Number.isNaN(date.getTime()) ? null : date
}

/** The day of a time (RFC 3339); `''` for none. */
export function dayOf({ words }: PageCtx, time: unknown): string {
  const date = asDate(time)
  return date ? words.day(date) : ''
}

/** How long ago a time was; `''` for none. */
export function agoOf({ words }: PageCtx, time: unknown): string {
  const date = asDate(time)
  return date ? words.ago(date, new Date()) : ''
}
