// Makes and turns over the key sets of GOTRUE_JWT_KEYS: a list of JWKs (RFC 7517) of which one signs.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { type Algorithm, algorithms } from './algorithms.ts'

/** A key of a set, with its private members. */
export type Jwk = Record<string, unknown> & { kid?: string; alg?: string; key_ops?: string[] }

/** Algorithms that new keys may have. */
export const keyAlgorithms = ['ES256', 'RS256', 'EdDSA', 'HS256'] as const

/** What a rotation does next. */
export type RotationStep = 'add' | 'use' | 'drop'

const signs = (jwk: Jwk): boolean => jwk.key_ops?.includes('sign') ?? false

/** A new key that signs, or one that only verifies until its turn comes. */
export function newKey(alg: Algorithm, signing: boolean): Jwk {
  const common = { kid: randomUUID(), alg, use: 'sig', key_ops: signing ? ['sign', 'verify'] : ['verify'] }
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
 * The set after a step. A retired key loses its private members, so that nobody can sign with it any more.
 * @throws Error when there is no key to use
 */
export function rotate(set: readonly Jwk[], step: RotationStep, alg: Algorithm): Jwk[] {
  const [signing] = set.filter(signs)
  if (!signing) throw new Error('no key of the set signs')
  if (step === 'add') return [newKey(alg, false), ...set]
  if (step === 'drop') return rolesOf(set).flatMap(({ jwk, role }) => (role === 'retired' ? [] : [jwk]))
  const waiting = rolesOf(set).filter(({ role }) => role === 'next')
  const [first] = waiting
  if (!first) throw new Error('no key waits to be used; add one first')
  const rest = set.filter((jwk) => jwk !== first.jwk && jwk !== signing)
  return [{ ...first.jwk, key_ops: ['sign', 'verify'] }, retired(signing), ...rest]
}

function retired(jwk: Jwk): Jwk {
  const { d, p, q, dp, dq, qi, ...rest } = jwk
  return { ...rest, key_ops: ['verify'] }
}
