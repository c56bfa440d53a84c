// GET /reauthenticate: a code that a person needs to set a new password.
import type { UserCtx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply } from '../reply.ts'
import { kindOfAddress } from './steps/one-time-tokens/address-kinds.ts'
import { audit } from './steps/records/audit.ts'

/** Sends the code to the confirmed address of the account, by mail if it has one. */
export async function reauthenticate(ctx: UserCtx): Promise<Reply> {
  const { user } = ctx.caller
  if (!user.email && !user.phone) throw invalid('Reauthentication requires the user to have an email or a phone number')
  const kind = kindOfAddress({ email: user.email ?? '' })
  if (user[kind.confirmed_at] === null)
    throw new AuthError(422, `${kind.name}_not_confirmed`, `Please verify your ${kind.name} first.`)
  const order = { purpose: 'reauthentication', to: user[kind.name] ?? '', channel: null, challenge: null } as const
  const message_id = await kind.send(ctx, user, order, (tx) => audit(ctx, tx, user, 'user_reauthenticate_requested'))
  return json(message_id === null ? {} : { message_id })
}
