// The passkey that a request is about.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { parseUuid } from './uuid.ts'

/** 404 for a passkey that is not there, or somebody else's. */
export const passkeyNotFound = (): AuthError => new AuthError(404, 'validation_failed', 'Passkey not found')

/** @throws AuthError 404 validation_failed for no UUID */
export function passkeyIdOf(ctx: Ctx): string {
  const id = parseUuid(ctx.path_params.passkey_id ?? '')
  if (id === null) throw passkeyNotFound()
  return id
}
