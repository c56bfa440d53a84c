// Pages of lists for administrators: the parameters that ask for one, and the headers that lead to others.
import type { Ctx } from '../../../context.ts'
import { type AuthError, invalid } from '../../../errors.ts'

/** A page, counted from 1; 0 serves the first one too. */
export interface Page {
  number: bigint
  size: number
  offset: number
}

/** 400 in the words of the reference. */
export const badPage = (problem: string): AuthError => invalid(`Bad Pagination Parameters: ${problem}`)

const largest = 18_446_744_073_709_551_615n

/** A whole number of a parameter, as Go reads one; `fallback` when it is absent or empty. */
function readNumber(ctx: Ctx, name: string, fallback: bigint): bigint {
  const text = ctx.query.get(name) ?? ''
  if (text === '') return fallback
  const shown = `strconv.ParseUint: parsing ${JSON.stringify(text.slice(0, 40))}`
  if (!/^\d+$/.test(text)) throw badPage(`${shown}: invalid syntax`)
  if (text.length > 20 || BigInt(text) > largest) throw badPage(`${shown}: value out of range`)
  return BigInt(text)
}

/**
 * How many rows `limit` asks for in a list by cursor: 50 without it, 1,000 at most.
 * @throws AuthError 400 validation_failed
 */
export function readLimit(ctx: Ctx): number {
  const asked = readNumber(ctx, 'limit', 50n)
  if (asked === 0n) throw badPage('limit must be greater than 0')
  return asked > 1000n ? 1000 : Number(asked)
}

const safe = (number: bigint): number => Number(number > 9_007_199_254_740_991n ? 9_007_199_254_740_991n : number)

/**
 * The page that `page` and `per_page` ask for.
 * @throws AuthError 400 validation_failed
 */
export function readPage(ctx: Ctx): Page {
  const number = readNumber(ctx, 'page', 1n)
  const size = readNumber(ctx, 'per_page', 50n)
  if (size === 0n) throw badPage('per_page must be greater than 0')
  return { number, size: safe(size), offset: safe((number === 0n ? 0n : number - 1n) * size) }
}

/** `X-Total-Count` and `Link` (RFC 8288 §3) of a page. */
export function pageHeaders(ctx: Ctx, page: Page, total: number): Record<string, string> {
  const pages = Math.ceil(total / page.size)
  const links = [linkTo(ctx, { page: String(pages) }, 'last')]
  if (page.number < BigInt(pages)) links.unshift(linkTo(ctx, { page: String(page.number + 1n) }, 'next'))
  return { 'x-total-count': String(total), link: links.join(', ') }
}

/** A link to the same list with other values of some parameters, which are sorted by name. */
export function linkTo(ctx: Ctx, changes: Record<string, string>, rel: 'next' | 'last'): string {
  const query = new URLSearchParams(ctx.query)
  for (const [name, value] of Object.entries(changes)) query.set(name, value)
  query.sort()
  return `<${ctx.path}?${query.toString().replaceAll('%7E', '~').replaceAll('*', '%2A')}>; rel="${rel}"`
}
