// GET /health and /health/ready: whether the server runs, and whether it can reach its database.
import type { Ctx } from '../context.ts'
import { json, type Reply } from '../reply.ts'
import { databaseState } from '../storage/database-state.ts'
import { version } from '../version.ts'

const about = {
  version: `v${version}`,
  name: 'GoTrue',
  description: 'GoTrue is a user registration and authentication API',
}

/** 200 as long as the process answers; the name is the reference's, which clients look for. */
export const health = (): Reply => json(about)

/** 200 when the database answers too and its tables can be used, else 503 with the reason. */
export async function ready(ctx: Ctx): Promise<Reply> {
  const database = await databaseState(ctx.db, ctx.config.db_namespace)
  if (database === 'ok') return json({ ...about, database })
  const advice = database === 'unreachable' ? {} : { advice: 'run postern doctor: it says which statements mend this' }
  return { status: 503, body: { ...about, database, ...advice }, headers: { 'retry-after': '5' } }
}
