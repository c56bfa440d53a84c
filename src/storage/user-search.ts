// Lists of accounts for administrators: pages in an order, filters that use the indexes there are.
import type { Param, Queryable } from './db.ts'
import { shownUser } from './shown-user.ts'
import { instance_id } from './sql.ts'

/** Which accounts; all that is given must hold. */
export interface UserSearch {
  aud: string
  /** The reference's filter: a part of the address (case counts) or of user_metadata.full_name; LIKE wildcards act. */
  filter?: string
  /** Lower case. */
  email?: string
  /** Digits. */
  phone?: string
  ids?: readonly string[]
  /** The beginning of an address that the account signs in with, of its phone number, or its id; lower case. */
  q?: string
  provider?: string
  banned?: boolean
  confirmed?: boolean
  anonymous?: boolean
  /** RFC 3339, as are the three below; `after` includes the moment itself. */
  created_after?: string
  created_before?: string
  last_sign_in_after?: string
  last_sign_in_before?: string
}

/** Columns that lists can be sorted by. */
export type UserOrder = 'created_at' | 'last_sign_in_at' | 'email'

/** A part of a list: by offset, or after the last account of the part before. */
export interface UserPage {
  order: UserOrder
  descending: boolean
  limit: number
  offset: number
  /** Only with `created_at`. */
  after?: { created_at: string; id: string }
}

/** An account as lists show it: without identities and factors. */
export interface ListedUser {
  id: string
  created_at: string | null
  /** JSON. */
  shown: string
}

/** The accounts of a part of a list. */
export async function searchUsers(db: Queryable, search: UserSearch, page: UserPage): Promise<ListedUser[]> {
  const { params, place } = placesOf()
  return db.query<ListedUser>(pageText(search, page, place), params)
}

/** How many accounts a search finds, counted up to `most` where that is given. */
export async function countUsers(db: Queryable, search: UserSearch, most?: number): Promise<number> {
  const { params, place } = placesOf()
  const [row] = await db.query<{ total: number }>(`select ${totalText(search, place, most)} as total`, params)
  return row?.total ?? 0
}

/** Both in one statement, the accounts as JSON with commas between: one row costs less to read than one for each account. */
export async function findUserPage(
  db: Queryable,
  search: UserSearch,
  page: UserPage,
  most?: number,
): Promise<{ total: number; shown: string }> {
  const { params, place } = placesOf()
  // The accounts are joined in the order in which the page holds them.
  const [row] = await db.query<{ total: number; shown: string | null }>(
    `with page as (${pageText(search, page, place)})
      select ${totalText(search, place, most)} as total, string_agg(shown, ',') as shown from page`,
    params,
  )
  return { total: row?.total ?? 0, shown: row?.shown ?? '' }
}

function pageText(search: UserSearch, page: UserPage, place: Place): string {
  const where = [conditionsOf(search, place)]
  if (page.after) {
    const { created_at, id } = page.after
    const position = `(${place(created_at)}::timestamptz, ${place(id)}::uuid)`
    where.push(`(u.created_at, u.id) ${page.descending ? '<' : '>'} ${position}`)
  }
  const end = `order by ${orderOf(page)} limit ${place(page.limit)} offset ${place(page.offset)}`
  return inTwoWays(
    search.q,
    place,
    (also) =>
      `select u.id, u.created_at, ${shownUser} as shown from auth.users u where ${[...where, ...also].join(' and ')} ${end}`,
  )
}

function totalText(search: UserSearch, place: Place, most: number | undefined): string {
  const where = conditionsOf(search, place)
  const end = most === undefined ? '' : ` limit ${place(most)}`
  const text = inTwoWays(search.q, place, (also) => {
    const found = `from auth.users u where ${[where, ...also].join(' and ')}`
    return `select count(*) as total from ${end === '' ? found.slice(5) : `(select ${found}${end}) f`}`
  })
  return `(select sum(total) from (${text}) counts)::bigint`
}

/** Each order is one that an index can be walked in, forwards or backwards. */
function orderOf({ order, descending }: UserPage): string {
  const way = descending ? 'desc' : 'asc'
  if (order === 'email') return `lower(u.email) ${way}, u.id ${way}`
  if (order === 'created_at') return `u.created_at ${way}, u.id ${way}`
  return `u.last_sign_in_at ${descending ? 'desc nulls last' : 'asc nulls first'}, u.id ${way}`
}

/** Accounts that the company that manages them has deactivated. */
const deactivated = 'select d.user_id from postern.scim_users d where not d.active'

/** Puts a value among the parameters; gives the placeholder that stands for it. */
type Place = (value: Param) => string

function placesOf(): { params: Param[]; place: Place } {
  const params: Param[] = []
  return { params, place: (value) => `$${params.push(value)}` }
}

/** Conditions that are a bare comparison of a column. */
const comparisons = {
  email: 'lower(u.email) = $',
  phone: 'u.phone = $',
  ids: 'u.id = any($::uuid[])',
  anonymous: 'u.is_anonymous = $',
  provider: 'exists (select from auth.identities i where i.user_id = u.id and i.provider = $)',
  created_after: 'u.created_at >= $::timestamptz',
  created_before: 'u.created_at < $::timestamptz',
  last_sign_in_after: 'u.last_sign_in_at >= $::timestamptz',
  last_sign_in_before: 'u.last_sign_in_at < $::timestamptz',
} as const

function conditionsOf(search: UserSearch, place: Place): string {
  const parts = [`u.instance_id = '${instance_id}'`, `u.aud = ${place(search.aud)}`]
  if (search.filter) {
    const pattern = place(`%${search.filter}%`)
    parts.push(`(u.email like ${pattern} or u.raw_user_meta_data ->> 'full_name' ilike ${pattern})`)
  }
  for (const [name, condition] of Object.entries(comparisons)) {
    const value = search[name as keyof typeof comparisons]
    if (value !== undefined) parts.push(condition.replace('$', place(value)))
  }
  // Two searches, each by an index.
  if (search.banned === true)
    parts.push(`u.id in (select b.id from auth.users b where b.banned_until > now() union all ${deactivated})`)
  if (search.banned === false)
    parts.push(`(u.banned_until is null or u.banned_until <= now()) and u.id not in (${deactivated})`)
  if (search.confirmed !== undefined) parts.push(`u.confirmed_at is ${search.confirmed ? 'not null' : 'null'}`)
  return parts.join(' and ')
}

/** Accounts up to which a beginning is gathered and sorted. */
const few = 12_000

/**
 * A statement that finds accounts by a beginning: where few have it they are gathered and sorted, where many have it the list is
 * walked and each account asked. The database counts to the limit first, and then runs one of the two only.
 */
function inTwoWays(q: string | undefined, place: Place, select: (also: readonly string[]) => string): string {
  if (q === undefined) return select([])
  return `with found as materialized (select id from (${idsBeginningWith(q, place)}) a (id) limit ${place(few + 1)}),
      amount as materialized (select count(*) > ${few} as is_much from found)
    (${select(['not (select is_much from amount)', 'u.id in (select id from found)'])})
    union all
    (${select(['(select is_much from amount)', beginsWith(q, place)])})`
}

const digitsOf = (q: string): string | undefined => /^\+?(\d{1,15})$/.exec(q)?.[1]

/** The same as `idsBeginningWith`, asked of one account. */
function beginsWith(q: string, place: Place): string {
  const start = place(q)
  const digits = digitsOf(q)
  const phone = digits === undefined ? '' : ` or starts_with(u.phone, ${place(digits)})`
  return `(exists (select from auth.identities i where i.user_id = u.id and i.email ~>=~ ${start}
      and i.email ~<~ ${place(q + last)}) or lower(u.email) = ${start}${phone})`
}

/** A character after all that an address can hold. */
const last = '\u{10ffff}'

/**
 * Statements that each use one index. Addresses are found by their identities, whose index compares bytes; numbers by
 * a range, which all collations keep in order for digits, and by their beginning, since accounts that were deleted
 * softly have other texts there.
 */
function idsBeginningWith(q: string, place: Place): string {
  const start = place(q)
  // Sorted, so that no plan hopes to find enough by reading the table from its beginning.
  const most = place(few + 1)
  const parts = [
    `(select i.user_id from auth.identities i where i.email ~>=~ ${start} and i.email ~<~ ${place(q + last)}
      order by i.email using ~<~ limit ${most})`,
    `select o.id from auth.users o where o.instance_id = '${instance_id}' and lower(o.email) = ${start}`,
  ]
  const digits = digitsOf(q)
  if (digits !== undefined) {
    const from = place(digits)
    const to = place(digits.padEnd(15, '9'))
    parts.push(
      `(select o.id from auth.users o where o.phone >= ${from} and o.phone <= ${to} and starts_with(o.phone, ${from})
        order by o.phone limit ${most})`,
    )
  }
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(q)) parts.push(`select ${start}::uuid`)
  return parts.join(' union all ')
}
