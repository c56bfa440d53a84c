// What a request of SCIM is refused with.
import { AuthError, type ScimType } from '../../errors.ts'

/** An error with the kind that SCIM has a name for (RFC 7644 §3.12); 400 unless another status is given. */
export const scimRefusal = (scim_type: ScimType, detail: string, status = 400): AuthError =>
  new AuthError(status, '', detail, { scim_type })
