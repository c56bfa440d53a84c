// The level of a session now: a proof counts as long as the factor that gave it is there and verified (security REV-16).
import type { Claims } from '../../../crypto/jwt.ts'
import { type Factor, hasVerifiedFactor } from '../../../storage/factors.ts'
import type { Amr, Session } from '../../../storage/sessions.ts'
import { factorTypes } from '../requests/factor-of-path.ts'

const typeOfMethod = new Map<string, string>(
  Object.entries(factorTypes).map(([type, { method }]): [string, string] => [method, type]),
)

/** The proof that a recovery code adds to a session. */
export const recoveryMethod = 'mfa/recovery_code'

/** The proof that a trusted device adds to a session. */
export const trustedDeviceMethod = 'trusted_device'

/** Proofs that stand for a factor which is kept elsewhere; they count as long as the account has one. */
const standIns: ReadonlySet<string> = new Set([recoveryMethod, trustedDeviceMethod])

/** Whether a method of `amr` is a second factor. */
const isSecond = ({ method }: Amr): boolean => typeOfMethod.has(method) || standIns.has(method)

/** Seconds for which a factor that was really shown opens what a trusted device does not. */
const fresh_s = 600

/** Whether a session was spared the second factor, and none was shown in the last ten minutes. */
export function isSpared(proofs: readonly Amr[], now_s: number): boolean {
  const isFresh = ({ method, timestamp }: Amr) => method !== trustedDeviceMethod && timestamp > now_s - fresh_s
  return (
    proofs.some(({ method }) => method === trustedDeviceMethod) &&
    !proofs.some((proof) => isSecond(proof) && isFresh(proof))
  )
}

/** Whether a second factor was shown in a session, and not only spared by a trusted device. */
export const wasShown = (proofs: readonly Amr[]): boolean =>
  proofs.some((proof) => proof.method !== trustedDeviceMethod && isSecond(proof))

/** `aal2` while the factor that raised the session is there, else `aal1`. */
export function levelOf(
  session: Pick<Session, 'aal' | 'factor_id'> | null,
  factors: readonly Factor[],
): 'aal1' | 'aal2' {
  if (session?.aal !== 'aal2') return 'aal1'
  const { factor_id } = session
  const is_held =
    factor_id === null
      ? hasVerifiedFactor(factors)
      : factors.some(({ id, status }) => id === factor_id && status === 'verified')
  return is_held ? 'aal2' : 'aal1'
}

/** The proofs of a session without those of second factors of which there is no verified one any more. */
export const liveProofs = (amr: readonly Amr[], factors: readonly Factor[]): Amr[] =>
  amr.filter(
    (proof) =>
      !isSecond(proof) ||
      (standIns.has(proof.method) && hasVerifiedFactor(factors)) ||
      factors.some(
        ({ factor_type, status }) => factor_type === typeOfMethod.get(proof.method) && status === 'verified',
      ),
  )

/** The `aal` that a token says: that of the session, with a second factor among its proofs. */
export const claimedLevel = (aal: string, proofs: readonly Amr[]): 'aal1' | 'aal2' =>
  aal === 'aal2' && proofs.some(isSecond) ? 'aal2' : 'aal1'

/** The names of the proofs that claims tell of (RFC 8176); none where a hook made something else of them. */
export const methodsOf = ({ amr }: Claims): unknown[] =>
  Array.isArray(amr) ? amr.map((entry) => Reflect.get(Object(entry), 'method')) : []
