// An account is made only for an audience that the configuration names.
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'

/**
 * Lets requests pass that may make an account: whoever made one for an audience of their choice would have a token for it
 * (security REV-07). Call it before anything is looked up, so that known and unknown addresses are answered alike.
 * @throws AuthError 400 validation_failed
 */
export function requireAudience({ aud, config }: Ctx): void {
  if (aud === config.jwt_aud || config.audiences.includes(aud)) return
  throw invalid('X-JWT-AUD names an audience that no account can be made for; POSTERN_AUDIENCES lists those that can')
}
