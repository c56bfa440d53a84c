// GET /admin/users: accounts in pages, with filters; the recorded parameters answer as recorded, the others are ours.
import type { Ctx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import type { Reply } from '../../reply.ts'
import { forLists } from '../../storage/db.ts'
import {
  countUsers,
  findUserPage,
  type ListedUser,
  searchUsers,
  type UserOrder,
  type UserSearch,
} from '../../storage/user-search.ts'
import { normaliseEmail, normalisePhone } from '../steps/requests/addresses.ts'
import { badPage, linkTo, pageHeaders, readLimit, readPage } from '../steps/requests/paging.ts'
import { readFlag, readText, readTime } from '../steps/requests/query-values.ts'
import { isUuid, parseUuid } from '../steps/requests/uuid.ts'

/** Answers with a page by number, or by cursor where that is switched on and no number is given. */
export async function listUsers(ctx: Ctx): Promise<Reply> {
  const search = readSearch(ctx)
  const sorting = readSorting(ctx)
  const count = readCount(ctx)
  const numbered = Boolean(ctx.query.get('page') || ctx.query.get('per_page'))
  const byCursor = ctx.config.experimental_cursor_pagination_enabled || ctx.query.has('cursor')
  if (byCursor && !numbered) return listFrom(ctx, search, sorting, count)
  const page = readPage(ctx)
  const { shown, total } = await findUserPage(
    forLists(ctx.db),
    search,
    { ...sorting, limit: page.size, offset: page.offset },
    typeof count === 'number' ? count : undefined,
  )
  return listed(ctx, shown, { ...(count !== false && { total }) }, pageHeaders(ctx, page, total))
}

async function listFrom(ctx: Ctx, search: UserSearch, sorting: Sorting, count: boolean | number): Promise<Reply> {
  if (sorting.order !== 'created_at') throw invalid('order_by must be created_at in lists by cursor')
  const limit = readLimit(ctx)
  const after = readCursor(ctx.query.get('cursor') ?? '')
  const [found, total] = await Promise.all([
    searchUsers(forLists(ctx.db), search, { ...sorting, limit: limit + 1, offset: 0, ...(after && { after }) }),
    count === false ? null : countUsers(forLists(ctx.db), search, count === true ? undefined : count),
  ])
  const users = found.slice(0, limit)
  const has_more = found.length > limit
  const last = users.at(-1)
  const next_cursor = has_more && last ? cursorOf(last) : undefined
  const pagination = { ...(next_cursor !== undefined && { next_cursor }), has_more }
  const headers = next_cursor === undefined ? undefined : { link: linkTo(ctx, { cursor: next_cursor }, 'next') }
  const shown = users.map((user) => user.shown).join(',')
  return listed(ctx, shown, { pagination, ...(total !== null && { total }) }, headers)
}

/** The accounts are JSON already. */
function listed(
  { aud }: Ctx,
  shown: string,
  more: Record<string, unknown>,
  headers: Record<string, string> = {},
): Reply {
  const rest = JSON.stringify({ aud, ...more }).slice(1)
  return { status: 200, json_text: `{"users":[${shown}],${rest}`, headers }
}

const cursorOf = ({ created_at, id }: ListedUser): string =>
  Buffer.from(JSON.stringify({ created_at: created_at ?? 'infinity', id })).toString('base64url')

function readCursor(text: string): { created_at: string; id: string } | undefined {
  if (text === '') return undefined
  let cursor: unknown
  try {
    cursor = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    throw badPage('invalid cursor')
  }
  const { created_at, id } = Object(cursor) as Record<string, unknown>
  const isTime = typeof created_at === 'string' && /^(infinity|\d{4}-[\d:.T-]{1,32}Z)$/.test(created_at)
  if (!isTime || typeof id !== 'string' || !isUuid(id)) throw badPage('invalid cursor')
  if (created_at !== 'infinity' && Number.isNaN(Date.parse(created_at))) throw badPage('invalid cursor')
  return { created_at, id }
}

interface Sorting {
  order: UserOrder
  descending: boolean
}

/** Whether the accounts are counted; a number is how far at most, so that a count costs no more than that. */
function readCount(ctx: Ctx): boolean | number {
  const text = ctx.query.get('count') ?? ''
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : (readFlag(ctx, 'count') ?? false)
}

/** `sort` is the reference's and knows creation only; `order_by` is ours. */
function readSorting(ctx: Ctx): Sorting {
  const [first = true] = ctx.query.getAll('sort').map(isDescending)
  const asked = ctx.query.get('order_by')
  if (asked === null) return { order: 'created_at', descending: first }
  const [, order, way] = /^(created_at|last_sign_in_at|email)(?: (asc|desc))?$/i.exec(asked) ?? []
  if (order === undefined)
    throw invalid('order_by must be created_at, last_sign_in_at or email, and asc or desc after a space')
  const field = order.toLowerCase() as UserOrder
  return { order: field, descending: way === undefined ? field !== 'email' : way.toLowerCase() === 'desc' }
}

function isDescending(value: string): boolean {
  const [, field = '', way] = /^([^ ]*)(?: (.*))?$/s.exec(value) ?? []
  if (field !== 'created_at') throw invalid(`Bad Sort Parameters: bad field for sort '${field.slice(0, 64)}'`)
  // The reference never sees what follows a semicolon of a query.
  const direction = way?.split(';')[0]?.toUpperCase() ?? 'DESC'
  if (direction !== 'ASC' && direction !== 'DESC')
    throw invalid(`Bad Sort Parameters: bad direction for sort '${way?.slice(0, 64)}', only 'asc' and 'desc' allowed`)
  return direction === 'DESC'
}

function readSearch(ctx: Ctx): UserSearch {
  const filter = ctx.query.get('filter') ?? ''
  if (filter.includes('\0') || !filter.isWellFormed())
    throw invalid('filter contains a character that cannot be stored')
  const search: { [Name in keyof UserSearch]: UserSearch[Name] | undefined } = {
    aud: ctx.aud,
    filter,
    email: named(ctx, 'email', normaliseEmail),
    phone: named(ctx, 'phone', normalisePhone),
    ids: readIds(ctx),
    q: readText(ctx, 'q')?.toLowerCase(),
    provider: readText(ctx, 'provider'),
    banned: readFlag(ctx, 'banned'),
    confirmed: readFlag(ctx, 'confirmed'),
    anonymous: readFlag(ctx, 'anonymous'),
    created_after: readTime(ctx, 'created_after'),
    created_before: readTime(ctx, 'created_before'),
    last_sign_in_after: readTime(ctx, 'last_sign_in_after'),
    last_sign_in_before: readTime(ctx, 'last_sign_in_before'),
  }
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as unknown as UserSearch
}

/** A value in its stored form; the message of a wrong one begins with the parameter. */
function named(ctx: Ctx, name: string, normalise: (text: string) => string): string | undefined {
  const text = ctx.query.get(name)
  if (text === null) return undefined
  try {
    return normalise(text)
  } catch (error) {
    throw error instanceof AuthError ? invalid(`${name}: ${error.message}`) : error
  }
}

const mostIds = 1000

function readIds(ctx: Ctx): string[] | undefined {
  const texts = ctx.query.getAll('id')
  if (texts.length === 0) return undefined
  if (texts.length > mostIds) throw invalid(`id may be given ${mostIds} times at most`)
  return texts.map((text) => {
    const id = parseUuid(text)
    if (id === null) throw invalid('id must be a UUID')
    return id
  })
}
