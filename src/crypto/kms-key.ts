// Keys that AWS KMS holds: a JWK has their public members, and in `aws:kms:arn` their name there, as the reference has it.
import type { Algorithm } from './algorithms.ts'

/** A key in AWS KMS that signs tokens. */
export interface KmsKey {
  arn: string
  region: string
  alg: KmsAlgorithm
}

/** Gives out how a key of AWS KMS signs: base64url out. Rejects with AuthError 503 while that cannot be done. */
export type KmsSigner = (key: KmsKey) => (text: string) => Promise<string>

/** What KMS calls our algorithms, and the specs of keys that fit them. */
export const kmsAlgorithms = {
  RS256: { name: 'RSASSA_PKCS1_V1_5_SHA_256', hash: 'sha256', specs: /^RSA_/ },
  RS512: { name: 'RSASSA_PKCS1_V1_5_SHA_512', hash: 'sha512', specs: /^RSA_/ },
  ES256: { name: 'ECDSA_SHA_256', hash: 'sha256', specs: /^ECC_NIST_P256$/ },
  ES512: { name: 'ECDSA_SHA_512', hash: 'sha512', specs: /^ECC_NIST_P521$/ },
} as const

/** Algorithms of tokens that KMS can sign. */
export type KmsAlgorithm = keyof typeof kmsAlgorithms

/** The member of a JWK that names a key in AWS KMS. */
export const kmsMember = 'aws:kms:arn'

const isKmsAlgorithm = (alg: Algorithm): alg is KmsAlgorithm => Object.hasOwn(kmsAlgorithms, alg)

const keyArn = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(key|alias)\/[A-Za-z0-9/_-]+$/

/** The key that an ARN names, or what is wrong with it. */
export function readKmsKey(arn: unknown, alg: Algorithm): KmsKey | string {
  const [, region] = (typeof arn === 'string' && keyArn.exec(arn)) || []
  if (region === undefined) return `its ${kmsMember} is not the ARN of a key in AWS KMS`
  if (!isKmsAlgorithm(alg)) return `AWS KMS signs with ${Object.keys(kmsAlgorithms).join(', ')} only`
  return { arn: String(arn), region, alg }
}
