// People: the list with its search and filters, by pages that begin behind a cursor.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import type { ApiAnswer, OperatorCtx, PageReply } from '../page.ts'
import { buttonLink } from '../parts/form.ts'
import { ago, ask, consoleView, objectOf, pathOf, refusedView, tag, textOf } from './console-view.ts'
import { type Column, chosen, type Filter, filterForm, pager, type Row, table } from './tables.ts'

const pageSize = 50
/** How far what is found is counted. */
const mostCounted = 1000

/** The path of a person, and of what is below. */
export const personPath = (id: string, more = ''): string => `${pathOf('people')}/${id}${more}`

/** What somebody is called in lists: an address, a number, or an id. */
export const nameOf = (row: Row): string => textOf(row.email) || textOf(row.phone) || textOf(row.id)

/** Whether an account is banned now. */
export const isBanned = (row: Row): boolean => Date.parse(textOf(row.banned_until)) > Date.now()

/** What holds of an account, as small labels. */
export function statesOf({ words }: OperatorCtx, row: Row) {
  return [
    isBanned(row) ? tag(words('console.state_banned'), 'bad') : '',
    row.deleted_at ? tag(words('console.state_deleted'), 'bad') : '',
    row.is_anonymous ? tag(words('console.state_anonymous')) : '',
    !row.is_anonymous && !row.email_confirmed_at && !row.phone_confirmed_at
      ? tag(words('console.state_unconfirmed'), 'warn')
      : '',
  ]
}

function filtersOf({ words }: OperatorCtx): Filter[] {
  const yesNo = [
    ['true', words('console.yes')],
    ['false', words('console.no')],
  ] as const
  return [
    {
      name: 'q',
      label: words('console.people_search'),
      type: 'search',
      placeholder: words('console.people_search_hint'),
    },
    { name: 'banned', label: words('console.filter_banned'), options: yesNo },
    { name: 'confirmed', label: words('console.filter_confirmed'), options: yesNo },
    { name: 'anonymous', label: words('console.filter_anonymous'), options: yesNo },
    { name: 'provider', label: words('console.filter_provider') },
    { name: 'created_after', label: words('console.filter_since'), type: 'date' },
    { name: 'created_before', label: words('console.filter_until'), type: 'date' },
    {
      name: 'order_by',
      label: words('console.sort'),
      any: words('console.sort_newest'),
      options: [
        ['created_at asc', words('console.sort_oldest')],
        ['last_sign_in_at desc', words('console.sort_active')],
        ['email asc', words('console.sort_email')],
      ],
    },
  ]
}

const columnsOf = (ctx: OperatorCtx): Column[] => [
  {
    label: ctx.words('console.column_person'),
    value: (row) => html`<a href="${ctx.address(personPath(textOf(row.id)))}">${nameOf(row)}</a> ${statesOf(ctx, row)}`,
  },
  {
    label: ctx.words('console.column_name'),
    value: (row) => textOf(Object(row.user_metadata).full_name ?? Object(row.user_metadata).name).slice(0, 60),
    minor: true,
  },
  {
    label: ctx.words('console.column_ways'),
    value: (row) => listOfTexts(Object(row.app_metadata).providers),
    minor: true,
  },
  { label: ctx.words('console.column_last_sign_in'), value: (row) => ago(ctx, row.last_sign_in_at) },
  { label: ctx.words('console.column_created'), value: (row) => ago(ctx, row.created_at), minor: true },
]

const listOfTexts = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join(', ').slice(0, 60) : '')

/** GET /console/people. */
export async function peoplePage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const filters = filtersOf(ctx)
  const given = chosen(ctx, filters)
  const isFiltered = Object.keys(given).some((name) => name !== 'order_by')
  const { answer, next } = await readPage(ctx, given, isFiltered)
  if (!answer.ok) return refusedView(ctx, 'people', words('console.nav_people'), answer)
  const body = objectOf(answer)
  const rows = listOf(body.users)
  const q = given.q ?? ''
  // Whoever types a whole address means that person.
  if (
    rows.length === 1 &&
    !ctx.query.has('cursor') &&
    q !== '' &&
    [rows[0]?.email, rows[0]?.id].includes(q.toLowerCase())
  )
    return { kind: 'redirect', path: personPath(textOf(rows[0]?.id)) }
  const buttons = html`<span class="dim">${words('console.with_selected')}</span> <button class="quiet small" name="action" value="ban">${words('console.ban')}</button> <button class="quiet small" name="action" value="delete">${words('console.delete')}</button>`
  const people = table(ctx, {
    caption: words('console.nav_people'),
    columns: columnsOf(ctx),
    rows,
    none: words(isFiltered ? 'console.people_none_found' : 'console.people_none'),
    bulk: { id: (row) => textOf(row.id), name: nameOf, path: `${pathOf('people')}/selected`, buttons },
  })
  return consoleView(ctx, {
    section: 'people',
    title: words('console.nav_people'),
    lead: await countOf(ctx, isFiltered, body.total),
    actions: html`${buttonLink(ctx.address(`${pathOf('people')}/new`), words('console.create_person'), 'primary')} ${buttonLink(ctx.address(`${pathOf('people')}/invite`), words('console.invite_person'))}`,
    body: html`${filterForm(ctx, pathOf('people'), filters)}${people}${pager(ctx, pathOf('people'), next)}`,
  })
}

/** A page of the list: by cursor in the order of creation, by number in any other. */
async function readPage(
  ctx: OperatorCtx,
  given: Record<string, string>,
  isFiltered: boolean,
): Promise<{ answer: ApiAnswer; next: Record<string, string> | null }> {
  const query = new URLSearchParams(given)
  const byCursor = (given.order_by ?? 'created_at').startsWith('created_at')
  if (!byCursor) {
    const page = Math.min(1000, Math.max(1, Number(ctx.query.get('page')) || 1))
    query.set('page', String(page))
    query.set('per_page', String(pageSize))
    query.set('count', String(page * pageSize + 1))
    const answer = await ask(ctx, 'GET', `/admin/users?${query}`)
    const hasMore = Number(objectOf(answer).total) > page * pageSize
    return { answer, next: hasMore ? { page: String(page + 1) } : null }
  }
  query.set('cursor', ctx.query.get('cursor') ?? '')
  query.set('limit', String(pageSize))
  if (isFiltered) query.set('count', String(mostCounted + 1))
  const answer = await ask(ctx, 'GET', `/admin/users?${query}`)
  const cursor = textOf(Object(objectOf(answer).pagination).next_cursor)
  return { answer, next: cursor === '' ? null : { cursor } }
}

/** How many there are: all of them as they were counted last, or those that were found, up to a number. */
async function countOf(ctx: OperatorCtx, isFiltered: boolean, total: unknown): Promise<string> {
  const { words } = ctx
  if (isFiltered && total !== undefined) {
    const count = Number(total)
    return count > mostCounted
      ? words('console.people_found_more', { count: mostCounted })
      : words('console.people_found', { count })
  }
  const { accounts, estimate } = objectOf(await ask(ctx, 'GET', '/console/numbers'))
  const kept = Object(Object(accounts).numbers).accounts
  if (kept !== undefined) return words('console.people_count', { count: Number(kept) })
  return Number(estimate) > 0 ? words('console.people_estimate', { count: Math.round(Number(estimate)) }) : ''
}
