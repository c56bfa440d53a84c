// Operators: who works at the shell, as the tokens that it signs say.
import type { Ctx } from '../../../context.ts'

/**
 * The operator behind a request, by the `act` claim (RFC 8693 §4.1); null for everybody else. Tokens of sessions do not
 * count: a hook may put such a claim into them.
 */
export function operatorOf({ admin, caller }: Pick<Ctx, 'admin' | 'caller'>): string | null {
  const claims = admin ?? caller?.claims
  if (!claims || (claims.session_id ?? '') !== '') return null
  const name: unknown = Reflect.get(Object(claims.act), 'sub')
  return typeof name === 'string' && name !== '' ? name : null
}
