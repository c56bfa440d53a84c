// Whether a mail may be sent to an address at all.
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'

/** `a+label@b` → `a@b`, lower case. */
const withoutLabel = (address: string): string => address.toLowerCase().replace(/\+[^@]*@/, '@')

/**
 * Lets authorised addresses pass; the send-email hook decides for itself.
 * @throws AuthError 400 email_address_not_authorized
 */
export async function checkDeliverable(ctx: Ctx, address: string, by_hook: boolean): Promise<void> {
  const { external_email_authorized_addresses: authorized } = ctx.config
  if (by_hook) return
  if (authorized.length > 0 && !authorized.some((allowed) => withoutLabel(allowed) === withoutLabel(address)))
    throw new AuthError(
      400,
      'email_address_not_authorized',
      `Email address ${JSON.stringify(address)} cannot be used as it is not authorized`,
    )
}
