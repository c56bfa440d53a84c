// PATCH /passkeys/{passkey_id}: a person calls a passkey something else.
import { z } from 'zod'
import type { UserCtx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { renamePasskey } from '../../storage/passkeys.ts'
import { presentPasskey } from '../steps/answers/present-passkey.ts'
import { audit } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'
import { passkeyIdOf, passkeyNotFound } from '../steps/requests/passkey-of-path.ts'
import { transact } from '../steps/transact.ts'

export const passkeyNameBody = z.object({ friendly_name: text })

/** Answers with the passkey. */
export async function changePasskey(ctx: UserCtx, body: z.infer<typeof passkeyNameBody>): Promise<Reply> {
  const { user } = ctx.caller
  const id = passkeyIdOf(ctx)
  if (body.friendly_name === '') throw invalid('friendly_name is required')
  if (Buffer.byteLength(body.friendly_name) > 120) throw invalid('friendly_name must be 120 characters or less')
  const passkey = await transact(ctx, async (tx) => {
    const renamed = await renamePasskey(tx, user.id, id, body.friendly_name)
    if (!renamed) throw passkeyNotFound()
    await audit(ctx, tx, user, 'passkey_updated', { passkey_id: id })
    return renamed
  })
  return json(presentPasskey(passkey))
}
