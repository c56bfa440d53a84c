// GET /console/audit/export: entries as CSV or lines of JSON, as they are read from the database.
import type { AdminCtx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import type { Reply } from '../../reply.ts'
import { type AuditEntry, type AuditPlace, findAuditEntries } from '../../storage/audit-log.ts'
import { presentAuditEntry, readAuditSearch } from './audit-query.ts'

const batch = 500

/** Answers with a stream, which waits where its reader is slower. */
export function exportAuditLog(ctx: AdminCtx): Reply {
  const search = readAuditSearch(ctx)
  const form = ctx.query.get('form')
  if (form !== 'csv' && form !== 'ndjson') throw invalid('form must be csv or ndjson')
  const lineOf = form === 'csv' ? csvLine : jsonLine
  const encoder = new TextEncoder()
  let after: AuditPlace | undefined
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (form === 'csv') controller.enqueue(encoder.encode(`${columns.join(',')}\r\n`))
    },
    async pull(controller) {
      const entries = await findAuditEntries(ctx.db, search, { limit: batch, offset: 0, ...(after && { after }) })
      after = entries.at(-1)
      if (entries.length > 0) controller.enqueue(encoder.encode(entries.map(lineOf).join('')))
      if (entries.length < batch) controller.close()
    },
  })
  return { status: 200, stream, content_type: form === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson' }
}

const columns = ['created_at', 'action', 'actor_id', 'actor_username', 'user_id', 'ip_address', 'traits', 'id']

const jsonLine = (entry: AuditEntry): string => `${JSON.stringify(presentAuditEntry(entry, { full: true }))}\n`

function csvLine(entry: AuditEntry): string {
  const { payload, created_at, ip_address, id } = presentAuditEntry(entry, { full: true })
  const { action, actor_id, actor_username, traits } = payload
  const values = [created_at, action, actor_id, actor_username, traits?.user_id, ip_address, traits, id]
  return `${values.map(csvCell).join(',')}\r\n`
}

/** A cell (RFC 4180 §2); one that a spreadsheet would take for a formula is marked as text. */
function csvCell(value: unknown): string {
  const plain =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  const text = /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
