// GET /console/overview: the numbers of the last thirty days, which are kept and not counted for each look.
import type { AdminCtx } from '../../context.ts'
import { inTime } from '../../in-time.ts'
import { json, type Reply } from '../../reply.ts'
import { findDailyCounts } from '../../storage/daily-counts.ts'
import {
  beginCounting,
  countAccounts,
  estimateAccounts,
  findAccountNumbers,
  type KeptNumbers,
  keepAccountNumbers,
} from '../../storage/kept-numbers.ts'

const days = 30
/** Counting takes a thousandth of the time at most, and happens every fifteen seconds at most. */
const share = 1000
const least_s = 15
/** How long the first look waits for numbers. */
const first_look_ms = 100

/** GET /console/numbers: how many accounts there are, as they were counted last; old numbers are counted anew behind the answer. */
export const accountNumbers = async (ctx: AdminCtx): Promise<Reply> => json(await readNumbers(ctx))

/** Answers with these numbers, and what happened on each day. */
export async function overview(ctx: AdminCtx): Promise<Reply> {
  const [numbers, daily] = await Promise.all([readNumbers(ctx), findDailyCounts(ctx.db, days)])
  return json({ ...numbers, days, daily, today: new Date(ctx.now()).toISOString().slice(0, 10) })
}

async function readNumbers(ctx: AdminCtx) {
  const kept = await findAccountNumbers(ctx.db)
  if (kept && !isOld(kept)) return { accounts: kept, estimate: null }
  const counted = recount(ctx).catch((error: unknown) => ctx.log.warn({ err: error }, 'accounts could not be counted'))
  ctx.beside.add(counted)
  if (kept) return { accounts: kept, estimate: null }
  // The first look has nothing old to show; few accounts are counted before anybody notices.
  await inTime(counted, first_look_ms, () => undefined)
  const accounts = (await findAccountNumbers(ctx.db)) ?? null
  return { accounts, estimate: accounts ? null : await estimateAccounts(ctx.db) }
}

const isOld = ({ age_s, took_ms }: KeptNumbers): boolean => age_s > Math.max(least_s, (took_ms * share) / 1000)

async function recount({ db, activity }: AdminCtx): Promise<void> {
  await activity.flush()
  if (!(await beginCounting(db))) return
  const started = performance.now()
  await keepAccountNumbers(db, await countAccounts(db), Math.round(performance.now() - started))
}
