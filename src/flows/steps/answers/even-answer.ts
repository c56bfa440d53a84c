// Answers that must not tell whether an address is known: by their time, or by a hook that is down, slow or says no.
import type { Ctx } from '../../../context.ts'

/** Milliseconds that such an answer takes at least: more than the work for a known address takes on an idle server. */
const floor_ms = 60

/** Does work and answers no sooner than the floor, whatever came of it (security rule 6). */
export async function evenTime<T>(work: () => Promise<T>): Promise<T> {
  const floor = new Promise<void>((resolve) => setTimeout(resolve, floor_ms))
  try {
    return await work()
  } finally {
    await floor
  }
}

/**
 * The same for answers to addresses that may lead to no mail at all: nobody waits for the hook that sends one, and what it
 * says goes to the log (security REV-12).
 */
export const evenAnswer = <T>(ctx: Ctx, work: (ctx: Ctx) => Promise<T>): Promise<T> =>
  evenTime(() => work({ ...ctx, hooks: { ...ctx.hooks, run: unheard(ctx) } }))

const unheard =
  (ctx: Ctx): Ctx['hooks']['run'] =>
  async (name, payload, where) => {
    if (name !== 'send_email') return ctx.hooks.run(name, payload, where)
    // Without the caller's transaction, which is over before the hook has answered.
    const asked = ctx.hooks.run(name, payload, { ...where, db: ctx.db }).catch((error: unknown) => {
      ctx.log.error({ err: error, request_id: ctx.request_id }, 'a mail was not sent by the hook')
    })
    ctx.beside.add(asked)
    return null
  }
