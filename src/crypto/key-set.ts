// Makes and turns over the key sets of GOTRUE_JWT_KEYS: a list of JWKs (RFC 7517) of which one signs.
import { generateKeyPairSync, type JsonWebKey, randomBytes, randomUUID } from 'node:crypto'
import { type Algorithm, algorithms } from './algorithms.ts'
import { kmsMember } from './kms-key.ts'

/** A key of a set, with its private members. */
export type Jwk = Record<string, unknown> & {
  kid?: string
  alg?: string
  key_ops?: string[]
  /** When the key took up the role that it has, in seconds since the epoch; ours, not of the RFC. */
  since?: number
}

/** Algorithms that new keys may have. */
export const keyAlgorithms = ['ES256', 'RS256', 'EdDSA', 'HS256'] as const

/** Steps of a rotation. */
export const rotationSteps = ['add', 'use', 'drop', 'back'] as const

/** What a rotation does next; `back` undoes what `use` or `add` did. */
export type RotationStep = (typeof rotationSteps)[number]

/** Seconds for which others keep the published set (`max-age` of the key set). */
const published_s = 600

const signs = (jwk: Jwk): boolean => jwk.key_ops?.includes('sign') ?? false

const commonMembers = (alg: Algorithm, signing: boolean) => ({
  kid: randomUUID(),
  alg,
  use: 'sig',
  key_ops: signing ? ['sign', 'verify'] : ['verify'],
})

/** The key of AWS KMS with some public members and an ARN, as a set has it. */
export const keyInKms = (alg: Algorithm, signing: boolean, members: JsonWebKey, arn: string): Jwk => ({
  ...commonMembers(alg, signing),
  ...members,
  [kmsMember]: arn,
})

/** A new key that signs, or one that only verifies until its turn comes. */
export function newKey(alg: Algorithm, signing: boolean): Jwk {
  const common = commonMembers(alg, signing)
  if (alg === 'HS256') return { ...common, kty: 'oct', k: randomBytes(32).toString('base64url') }
  return { ...common, ...newKeyPair(alg).privateKey.export({ format: 'jwk' }) }
}

function newKeyPair(alg: Algorithm) {
  const { kty, crv = '' } = algorithms[alg]
  if (kty === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return kty === 'EC' ? generateKeyPairSync('ec', { namedCurve: crv }) : generateKeyPairSync('ed25519')
}

/** GOTRUE_JWT_SECRET as the key that it is, so that what it signed still verifies. */
export const keyOfSecret = (secret: string, kid: string): Jwk => ({
  ...(kid !== '' && { kid }),
  alg: 'HS256',
  kty: 'oct',
  k: Buffer.from(secret).toString('base64url'),
  key_ops: ['sign', 'verify'],
})

/** What a key is for; keys before the one that signs wait for their turn, those after it have had it. */
export type KeyRole = 'signs' | 'next' | 'retired'

/** The keys of a set with their roles: the order of the list tells them apart. */
export function rolesOf(set: readonly Jwk[]): { jwk: Jwk; role: KeyRole }[] {
  const at = set.findIndex(signs)
  return set.map((jwk, i) => ({ jwk, role: i === at ? 'signs' : i < at ? 'next' : 'retired' }))
}

/** The step that a set is ready for: a waiting key comes into use, then retired ones are dropped, then a new one is added. */
export function nextStep(set: readonly Jwk[]): RotationStep {
  const roles = rolesOf(set).map(({ role }) => role)
  if (roles.includes('next')) return 'use'
  return roles.includes('retired') ? 'drop' : 'add'
}

/**
 * What would break if a step were taken now; null when nothing would, as far as the times in the set tell.
 * @param exp_s seconds for which tokens are good
 */
export function hindrance(set: readonly Jwk[], step: RotationStep, exp_s: number, now_s: number): string | null {
  const waits = { use: ['next', published_s], drop: ['retired', exp_s] } as const
  if (step !== 'use' && step !== 'drop') return null
  const [role, wait_s] = waits[step]
  const key = rolesOf(set).find((entry) => entry.role === role)?.jwk
  const left_s = (key?.since ?? 0) + wait_s - now_s
  if (!key || left_s <= 0) return null
  return step === 'use'
    ? `the key ${key.kid} was added too recently: whoever keeps the key set for ${published_s} seconds would refuse tokens of it for another ${left_s} seconds`
    : `the key ${key.kid} signed until recently: its tokens are good for another ${left_s} seconds, and would be refused at once`
}

/**
 * The set after a step; `add` puts `added` in front. A retired key keeps its private members until it is dropped, so that there is a way back.
 * @throws Error when there is nothing to take the step with
 */
export function rotate(set: readonly Jwk[], step: RotationStep, added: Jwk | null, now_s: number): Jwk[] {
  const roles = rolesOf(set)
  const withRole = (role: KeyRole) => roles.filter((entry) => entry.role === role).map(({ jwk }) => jwk)
  const [signing] = withRole('signs')
  if (!signing) throw new Error('no key of the set signs')
  const [next, ...later] = withRole('next')
  const retired = withRole('retired')
  if (step === 'add') return added ? [{ ...added, since: now_s }, ...set] : [...set]
  if (step === 'back' && next) return [...later, signing, ...retired]
  if (step === 'use' && !next) throw new Error('no key waits to be used; add one first')
  if (step !== 'use' && retired.length === 0)
    throw new Error(
      step === 'drop' ? 'no key is retired; there is nothing to drop' : 'there is no step to go back from',
    )
  if (step === 'drop') return set.filter((jwk) => !retired.includes(jwk))
  const [to, ...others] = step === 'use' && next ? [next, ...retired] : retired
  if (!to || !canSign(to)) throw new Error(`the key ${to?.kid} has no private part left, so that it cannot sign`)
  return [...later, signingFrom(to, now_s), retiredFrom(signing, now_s), ...others]
}

const signingFrom = (jwk: Jwk, since: number): Jwk => ({ ...jwk, key_ops: ['sign', 'verify'], since })
const retiredFrom = (jwk: Jwk, since: number): Jwk => ({ ...jwk, key_ops: ['verify'], since })
const canSign = (jwk: Jwk): boolean => jwk.kty === 'oct' || typeof jwk.d === 'string' || kmsMember in jwk
