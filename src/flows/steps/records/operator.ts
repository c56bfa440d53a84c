// Operators: who works at the shell or in the console, as the tokens say that are made for them within the server.
import type { Ctx } from '../../../context.ts'
import { isUuid } from '../requests/uuid.ts'

/** The operator behind a request. */
export interface Operator {
  /** The account of a person in the console; null for who works at the machine. */
  id: string | null
  /** The name at the shell, or the address of the person. */
  name: string
}

/** The `act` claim (RFC 8693 §4.1) that says who an operator is. */
export interface Act {
  sub: string
  email?: string
}

/** The claim for an operator. */
export const actOf = ({ id, name }: Operator): Act => (id === null ? { sub: name } : { sub: id, email: name })

/**
 * The operator behind a request, by the `act` claim; null for everybody else. Tokens of sessions do not count: a hook may put
 * such a claim into them.
 */
export function operatorOf({ admin, caller }: Pick<Ctx, 'admin' | 'caller'>): Operator | null {
  const claims = admin ?? caller?.claims
  if (!claims || (claims.session_id ?? '') !== '') return null
  const { sub, email } = Object(claims.act) as Record<string, unknown>
  if (typeof sub !== 'string' || sub === '') return null
  return isUuid(sub)
    ? { id: sub, name: typeof email === 'string' && email !== '' ? email : sub }
    : { id: null, name: sub }
}
