// GET /admin/audit: what happened, newest first; as the reference searches it, and by account, action, address and time.
import type { Ctx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { type AuditEntry, type AuditSearch, countAuditEntries, findAuditEntries } from '../../storage/audit-log.ts'
import { forLists } from '../../storage/db.ts'
import { linkTo, pageHeaders, readLimit, readPage } from '../steps/requests/paging.ts'
import { auditCursorAfter, presentAuditEntry, readAuditCursor, readAuditSearch } from './audit-query.ts'

const ours = ['user', 'action', 'address', 'created_after', 'created_before', 'cursor']

/**
 * Answers with a page, as lines of JSON where the request accepts `application/x-ndjson`. Addresses and failed sign-ins are
 * shown where one of our own parameters or that form is asked for; otherwise addresses as the reference, for a few actions
 * only. With `cursor`, which is empty for the first page, nothing is counted, and the page after it is named in `Link`.
 */
export async function listAuditLog(ctx: Ctx): Promise<Reply> {
  const asLines = /\bapplication\/x-ndjson\b/i.test(ctx.header('accept') ?? '')
  const full = asLines || ours.some((name) => ctx.query.has(name))
  const search = { ...readAuditSearch(ctx), ...(!full && { without_action: 'login_failed' }) }
  const { entries, headers } = await (ctx.query.has('cursor') ? readFromCursor(ctx, search) : readByNumber(ctx, search))
  const shown = entries.map((entry) => presentAuditEntry(entry, { full }))
  if (!asLines) return json(shown, headers)
  const text = shown.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  return { status: 200, text, content_type: 'application/x-ndjson', headers }
}

interface Part {
  entries: AuditEntry[]
  headers: Record<string, string>
}

async function readByNumber(ctx: Ctx, search: AuditSearch): Promise<Part> {
  const page = readPage(ctx)
  const [entries, total] = await Promise.all([
    findAuditEntries(forLists(ctx.db), search, { limit: page.size, offset: page.offset }),
    countAuditEntries(forLists(ctx.db), search),
  ])
  return { entries, headers: pageHeaders(ctx, page, total) }
}

async function readFromCursor(ctx: Ctx, search: AuditSearch): Promise<Part> {
  const limit = readLimit(ctx)
  const after = readAuditCursor(ctx.query.get('cursor') ?? '')
  const found = await findAuditEntries(forLists(ctx.db), search, {
    limit: limit + 1,
    offset: 0,
    ...(after && { after }),
  })
  const entries = found.slice(0, limit)
  const last = entries.at(-1)
  const hasMore = found.length > limit && last
  return { entries, headers: hasMore ? { link: linkTo(ctx, { cursor: auditCursorAfter(last) }, 'next') } : {} }
}
