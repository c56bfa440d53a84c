// Access tokens without a session: what an application got for itself, or for an administrator who acts as a person. Each has an
// id, under which it is remembered once it was given back (RFC 7009).
import { createHash } from 'node:crypto'
import type { Ctx } from '../../../context.ts'
import type { Claims } from '../../../crypto/jwt.ts'
import { isUsed } from '../../../storage/used-tokens.ts'

/** Whether a token is of an exchange (RFC 8693): an administrator acts as a person with it. */
export const isOfExchange = ({ act, client_id, session_id }: Claims): boolean =>
  act !== undefined && client_id !== undefined && session_id === undefined

/** The hash under which a token without a session is remembered once it was given back. */
export const revokedHash = ({ jti }: Claims): string =>
  createHash('sha256')
    .update(`revoked token:${String(jti)}`)
    .digest('hex')

/** Whether a token was given back. */
export const isRevoked = ({ db }: Pick<Ctx, 'db'>, claims: Claims): Promise<boolean> => isUsed(db, revokedHash(claims))
