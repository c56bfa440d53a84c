// The caller's set of recovery codes, and what is stored of a code.
import { createHash } from 'node:crypto'
import type { FactorsCtx } from '../../context.ts'
import type { RecoveryCodeSet } from '../../storage/recovery-codes.ts'
import { lockUser } from '../../storage/users.ts'
import { factorNotFound } from '../steps/requests/factor-of-path.ts'
import type { Tx } from '../steps/transact.ts'

/** What is stored of a code: with 78 random bits a plain hash cannot be guessed. */
export const recoveryCodeHash = (set_id: string, code: string): string =>
  createHash('sha256')
    .update(`${set_id}:${code.toLowerCase().replace(/[\s-]+/g, '')}`)
    .digest('hex')

/**
 * The set of the caller.
 * @throws AuthError 404 mfa_factor_not_found
 */
export function ownRecoveryCodes({ caller }: FactorsCtx): RecoveryCodeSet {
  if (!caller.user.recovery_codes) throw factorNotFound()
  return caller.user.recovery_codes
}

/** What people are told when few codes are left; nothing while there are enough. */
export const fewLeft = (remaining: number): { warning?: string } =>
  remaining > 3 ? {} : { warning: `${remaining} recovery codes are left: make new ones` }

/** Locks the account, whose set must still be the one that was read. */
export async function lockOwn({ caller }: FactorsCtx, tx: Tx, set_id: string): Promise<void> {
  const now = await lockUser(tx, caller.user.id)
  if (now?.recovery_codes?.id !== set_id) throw factorNotFound()
}
