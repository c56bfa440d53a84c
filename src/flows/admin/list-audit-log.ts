// GET /admin/audit: what happened, newest first; as the reference searches it, and by account, action, address and time.
import { isIP } from 'node:net'
import type { Ctx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { type AuditEntry, type AuditSearch, countAuditEntries, findAuditEntries } from '../../storage/audit-log.ts'
import { pageHeaders, readPage } from '../steps/requests/paging.ts'
import { readText, readTime } from '../steps/requests/query-values.ts'
import { parseUuid } from '../steps/requests/uuid.ts'

/** Members of the payload that the scopes of `query` look at. */
const scopes = {
  author: ['actor_username', 'actor_name'],
  action: ['action'],
  type: ['log_type'],
} as const

const ours = ['user', 'action', 'address', 'created_after', 'created_before']

/**
 * Answers with a page, as lines of JSON where the request accepts `application/x-ndjson`. Addresses are shown where one
 * of our own parameters or that form is asked for; otherwise as the reference, for a few actions only.
 */
export async function listAuditLog(ctx: Ctx): Promise<Reply> {
  const search = readSearch(ctx)
  const page = readPage(ctx)
  const [entries, total] = await Promise.all([
    findAuditEntries(ctx.db, search, { limit: page.size, offset: page.offset }),
    countAuditEntries(ctx.db, search),
  ])
  const asLines = /\bapplication\/x-ndjson\b/i.test(ctx.header('accept') ?? '')
  const full = asLines || ours.some((name) => ctx.query.has(name))
  const shown = entries.map((entry) => present(entry, full))
  const headers = pageHeaders(ctx, page, total)
  if (!asLines) return json(shown, headers)
  const text = shown.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  return { status: 200, text, content_type: 'application/x-ndjson', headers }
}

function present({ id, payload, created_at, ip_address }: AuditEntry, full: boolean) {
  const { ip_address: address, ...recorded } = payload
  return { id, payload: recorded, created_at, ip_address: full ? ip_address || (address ?? '') : ip_address }
}

function readSearch(ctx: Ctx): AuditSearch {
  const containing = readQuery(ctx.query.get('query') ?? '')
  const user_id = readUser(ctx)
  const action = readText(ctx, 'action')
  if (action !== undefined && !/^[a-z_]+$/.test(action)) throw invalid('action must be the name of one, such as login')
  const ip_address = readText(ctx, 'address')
  if (ip_address !== undefined && isIP(ip_address) === 0) throw invalid('address must be an IP address')
  const created_after = readTime(ctx, 'created_after')
  const created_before = readTime(ctx, 'created_before')
  return {
    ...(containing && { containing }),
    ...(user_id !== undefined && { user_id }),
    ...(action !== undefined && { action }),
    ...(ip_address !== undefined && { ip_address }),
    ...(created_after !== undefined && { created_after }),
    ...(created_before !== undefined && { created_before }),
  }
}

function readUser(ctx: Ctx): string | undefined {
  const text = ctx.query.get('user')
  if (text === null) return undefined
  const id = parseUuid(text)
  if (id === null) throw invalid('user must be a UUID')
  return id
}

function readQuery(query: string): AuditSearch['containing'] | null {
  if (query === '') return null
  const [, scope = '', text = ''] = /^(author|action|type):(.*)$/s.exec(query) ?? []
  if (scope === '' || text.includes('\0') || !text.isWellFormed())
    throw invalid(`Invalid query scope: ${query.slice(0, 255)}`)
  return { members: scopes[scope as keyof typeof scopes], text }
}
