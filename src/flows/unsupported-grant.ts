// POST /token without a grant that this server knows.
import { AuthError } from '../errors.ts'

/** @throws AuthError 400 invalid_credentials, always */
export function unsupportedGrant(): never {
  throw new AuthError(400, 'invalid_credentials', 'unsupported_grant_type')
}
