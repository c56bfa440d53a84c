// The audit log: filtered, live where that is asked for, and taken away as CSV or lines of JSON.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import type { Html, OperatorCtx, PageReply } from '../page.ts'
import { auditActions, auditWord } from './audit-words.ts'
import { ago, ask, consoleView, pathOf, refusedView, textOf } from './console-view.ts'
import { personPath } from './people-page.ts'
import { type Column, chosen, type Filter, filterForm, pager, type Row, table } from './tables.ts'

const pageSize = 50
/** Seconds between two looks of a page that is live. */
const live_s = 3

const nil = '00000000-0000-0000-0000-000000000000'
/** The id of no account and of no administrator, who stands in the log under the nil UUID. */
const unknown = 'ffffffff-ffff-4fff-bfff-ffffffffffff'
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

const filtersOf = ({ words }: OperatorCtx): Filter[] => [
  { name: 'user', label: words('console.audit_user'), type: 'search', placeholder: words('console.audit_user_hint') },
  {
    name: 'action',
    label: words('console.audit_action'),
    options: auditActions.map((action) => [action, auditWord(words, action)] as const),
  },
  { name: 'address', label: words('console.audit_address') },
  { name: 'created_after', label: words('console.filter_since'), type: 'date' },
  { name: 'created_before', label: words('console.filter_until'), type: 'date' },
]

/** Entries as a table; `short` leaves out whom they are about. */
export function auditTable(ctx: OperatorCtx, entries: readonly Row[], { short = false } = {}): Html {
  const { words } = ctx
  const payload = (row: Row): Row => Object(row.payload)
  const columns: Column[] = [
    { label: words('console.column_when'), value: (row) => ago(ctx, row.created_at) },
    { label: words('console.column_what'), value: (row) => auditWord(words, textOf(payload(row).action)) },
    { label: words('console.column_who'), value: (row) => actorOf(ctx, payload(row)) },
    ...(short ? [] : [{ label: words('console.column_whom'), value: (row: Row) => subjectOf(ctx, payload(row)) }]),
    { label: words('console.column_address'), value: (row) => textOf(row.ip_address), minor: true },
    {
      label: words('console.column_details'),
      value: (row) => detailsOf(payload(row)),
      minor: true,
    },
  ]
  return table(ctx, { caption: words('console.nav_audit'), columns, rows: entries, none: words('console.audit_none') })
}

const personLink = (ctx: OperatorCtx, id: string, name: string): Html =>
  html`<a href="${ctx.address(personPath(id))}">${name || id}</a>`

function actorOf(ctx: OperatorCtx, { actor_id, actor_username, act }: Row): unknown {
  const id = textOf(actor_id)
  const name = textOf(actor_username)
  const shown = id === nil || !uuid.test(id) ? name || ctx.words('console.nobody') : personLink(ctx, id, name)
  return act === undefined ? shown : html`${shown} <span class="dim">${ctx.words('console.as_operator')}</span>`
}

function subjectOf(ctx: OperatorCtx, { traits }: Row): unknown {
  const { user_id, user_email } = Object(traits) as Row
  return uuid.test(textOf(user_id)) ? personLink(ctx, textOf(user_id), textOf(user_email)) : ''
}

/** What else an entry says, in a line. */
const detailsOf = ({ traits }: Row): string =>
  Object.entries(Object(traits) as Row)
    .filter(([name, value]) => !['user_id', 'user_email', 'user_phone'].includes(name) && textOf(value) !== '')
    .map(([name, value]) => `${name}: ${textOf(value)}`)
    .join(', ')
    .slice(0, 160)

/** The query of the API for what is filled in; an address stands for the account that has it. */
async function queryOf(ctx: OperatorCtx, given: Record<string, string>): Promise<URLSearchParams> {
  const query = new URLSearchParams(given)
  const { user } = given
  if (user === undefined || uuid.test(user)) return query
  const found = await ask(ctx, 'GET', `/admin/users?${new URLSearchParams({ email: user, per_page: '1' })}`)
  const [person] = listOf(Object(found.body).users)
  query.set('user', textOf(person?.id) || unknown)
  return query
}

/** GET /console/audit. */
export async function auditPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const filters = filtersOf(ctx)
  const given = chosen(ctx, filters)
  const query = await queryOf(ctx, given)
  query.set('cursor', ctx.query.get('cursor') ?? '')
  query.set('limit', String(pageSize))
  const answer = await ask(ctx, 'GET', `/admin/audit?${query}`)
  if (!answer.ok) return refusedView(ctx, 'audit', words('console.nav_audit'), answer)
  const [, cursor] = /[?&]cursor=([^&>]+)/.exec(answer.headers.get('link') ?? '') ?? []
  const isLive = ctx.query.get('live') === 'true' && !ctx.query.get('cursor')
  const same = new URLSearchParams(given)
  const at = (path: string, more: Record<string, string>) =>
    ctx.address(`${path}?${new URLSearchParams([...same, ...Object.entries(more)])}`)
  const entries = html`<div id="live"${isLive ? html` data-live="${live_s}"` : ''}>${auditTable(ctx, listOf(answer.body))}</div>`
  return consoleView(ctx, {
    section: 'audit',
    title: words('console.nav_audit'),
    ...(isLive && { refresh_s: live_s }),
    actions: html`<a class="button quiet" href="${isLive ? at(pathOf('audit'), {}) : at(pathOf('audit'), { live: 'true' })}">${words(isLive ? 'console.live_off' : 'console.live_on')}</a>
<a class="button quiet" href="${at(`${pathOf('audit')}/export.csv`, {})}">CSV</a> <a class="button quiet" href="${at(`${pathOf('audit')}/export.ndjson`, {})}">${words('console.json_lines')}</a>`,
    body: html`${filterForm(ctx, pathOf('audit'), filters)}${entries}${pager(ctx, pathOf('audit'), cursor === undefined ? null : { cursor })}`,
  })
}

/** GET /console/audit/export.csv and .ndjson: everything that the filters leave, as it is read. */
export const auditExport =
  (form: 'csv' | 'ndjson') =>
  async (ctx: OperatorCtx): Promise<PageReply> => {
    const query = await queryOf(ctx, chosen(ctx, filtersOf(ctx)))
    query.set('form', form)
    const response = await ctx.stream('GET', `/console/audit/export?${query}`, { as: ctx.operator.token })
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      return refusedView(
        ctx,
        'audit',
        ctx.words('console.nav_audit'),
        await ask(ctx, 'GET', `/admin/audit?cursor=&${query}`),
      )
    }
    return {
      kind: 'file',
      content: response.body,
      content_type: form === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      headers: { 'content-disposition': `attachment; filename="audit.${form}"` },
    }
  }
