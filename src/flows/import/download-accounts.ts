// POST /console/export: every account as a line of JSON that an import reads, as it is read from the database.
import { z } from 'zod'
import type { AdminCtx } from '../../context.ts'
import type { Reply } from '../../reply.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { exportAccounts } from './export-accounts.ts'

export const downloadBody = z.object({ with_hashes: z.boolean().default(false) })

/** Answers with a stream, which waits where its reader is slower. Second factors and secrets of providers go by the shell only. */
export async function downloadAccounts(ctx: AdminCtx, { with_hashes }: z.infer<typeof downloadBody>): Promise<Reply> {
  const { db, column_cipher, log } = ctx
  await audit(ctx, db, administrator(ctx), 'accounts_exported', { with_hashes })
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  const write = async (line: string) => writer.write(encoder.encode(line))
  exportAccounts({ db, column_cipher, with_hashes, with_secrets: false, write })
    .then(
      () => writer.close(),
      (error: unknown) => {
        log.warn({ err: error }, 'an export ended before its end')
        return writer.abort(error)
      },
    )
    .catch(() => {}) // nobody reads any more
  return { status: 200, stream: readable, content_type: 'application/x-ndjson' }
}
