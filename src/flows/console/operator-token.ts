// The token that the console asks the API with: of an administrator, for a minute, with the operator's name on record.
import type { Ctx } from '../../context.ts'
import { signJwt } from '../../crypto/jwt.ts'
import { actOf, type Operator } from '../steps/records/operator.ts'

/** Seconds that it lives: as long as the request of a page that it is made for. */
const life_s = 60

/** Signs it; it never leaves the server. */
export function operatorToken({ config, keys, now }: Ctx, operator: Operator): Promise<string> {
  const iat = Math.floor(now() / 1000)
  const role = config.jwt_admin_roles[0] ?? 'service_role'
  return signJwt({ role, iat, exp: iat + life_s, act: actOf(operator) }, keys.signing)
}
