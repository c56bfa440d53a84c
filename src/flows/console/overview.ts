// GET /console/overview: the numbers of the last thirty days, which are kept and not counted for each look.
import type { AdminCtx } from '../../context.ts'
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

/** Answers with what is known; numbers of accounts that are old are counted anew behind the answer. */
export async function overview(ctx: AdminCtx): Promise<Reply> {
  const [kept, daily] = await Promise.all([findAccountNumbers(ctx.db), findDailyCounts(ctx.db, days)])
  const known = kept ?? null
  const estimate = known ? null : await estimateAccounts(ctx.db)
  if (!known || isOld(known))
    recount(ctx).catch((error: unknown) => ctx.log.warn({ err: error }, 'accounts could not be counted'))
  return json({ days, accounts: known, estimate, daily, today: new Date(ctx.now()).toISOString().slice(0, 10) })
}

const isOld = ({ age_s, took_ms }: KeptNumbers): boolean => age_s > Math.max(least_s, (took_ms * share) / 1000)

async function recount({ db, activity }: AdminCtx): Promise<void> {
  await activity.flush()
  if (!(await beginCounting(db))) return
  const started = performance.now()
  await keepAccountNumbers(db, await countAccounts(db), Math.round(performance.now() - started))
}
