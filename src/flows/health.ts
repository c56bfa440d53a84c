// GET /health and /health/ready: whether the server runs, and whether it can reach its database.
import type { Ctx } from '../context.ts'
import { json, type Reply } from '../reply.ts'
import { isReachable } from '../storage/is-reachable.ts'
import { version } from '../version.ts'

const about = {
  version: `v${version}`,
  name: 'GoTrue',
  description: 'GoTrue is a user registration and authentication API',
}

/** 200 as long as the process answers; the name is the reference's, which clients look for. */
export const health = (): Reply => json(about)

/** 200 when the database answers too, else 503. */
export async function ready(ctx: Ctx): Promise<Reply> {
  if (await isReachable(ctx.db)) return json({ ...about, database: 'ok' })
  return { status: 503, body: { ...about, database: 'unreachable' }, headers: { 'retry-after': '5' } }
}
