// GET /console/health: how database, pool, hashing, limits and mails fare.
import type { AdminCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { databaseState } from '../../storage/database-state.ts'
import { summarizeOutbox } from '../../storage/outbox.ts'
import { version } from '../../version.ts'

/** Answers with the state of this process and of what it uses. */
export async function serverHealth(ctx: AdminCtx): Promise<Reply> {
  const { config, db, hasher } = ctx
  const started = performance.now()
  const state = await databaseState(db, config.db_namespace)
  const latency_ms = Math.round((performance.now() - started) * 10) / 10
  return json({
    version,
    warnings: ctx.settings.warnings,
    uptime_s: Math.round(process.uptime()),
    memory_mb: Math.round(process.memoryUsage().rss / 1_048_576),
    database: { state, latency_ms, kind: config.db_kind, pool: db.state?.() ?? null },
    hashing: hasher.state(),
    limits: { store: config.rate_limit_store },
    mails: { configured: ctx.delivery.configured, ...(state === 'ok' && (await summarizeOutbox(db))) },
  })
}
