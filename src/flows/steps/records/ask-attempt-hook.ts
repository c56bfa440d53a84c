// An application's own word on an attempt at a password or a code, asked beside the comparison.
import type { Ctx } from '../../../context.ts'
import type { HookOutputs, HookPayloads } from '../../../hooks/hook-points.ts'

type AttemptHook = 'password_verification_attempt' | 'mfa_verification_attempt'

/**
 * What the hook answers to a right or a wrong attempt; null where there is none. A function of the database is asked in a
 * transaction of its own, which keeps what it writes.
 * @throws AuthError what the lack of a right reply makes of the request
 */
export async function askAttemptHook<Name extends AttemptHook>(
  ctx: Ctx,
  name: Name,
  payload: HookPayloads[Name],
): Promise<HookOutputs[Name] | null> {
  const kind = ctx.hooks.enabled(name)
  if (kind === false) return null
  const where = { client_address: ctx.client_address }
  return kind === 'http'
    ? ctx.hooks.run(name, payload, where)
    : ctx.db.transaction((tx) => ctx.hooks.run(name, payload, { ...where, db: tx }))
}
