// postern keys --kms ARN: the public members of a key that AWS KMS holds, once it is one that can sign tokens.
import type { JsonWebKey } from 'node:crypto'
import { requirePackages } from '../../config/needed-packages.ts'
import type { Algorithm } from '../../crypto/algorithms.ts'
import { describeKmsKey, openKms } from '../../crypto/kms-client.ts'
import { kmsAlgorithms, readKmsKey } from '../../crypto/kms-key.ts'
import { explainKms } from '../../flows/doctor/explain-kms.ts'

/** @throws Error that says what is wrong with the key */
export async function takeKmsKey(arn: string, alg: Algorithm): Promise<JsonWebKey> {
  const key = readKmsKey(arn, alg)
  if (typeof key === 'string') throw new Error(`--kms ${arn}: ${key}`)
  requirePackages('kms')
  const { jwk, spec, usage } = await described(arn, key.region)
  if (usage !== 'SIGN_VERIFY')
    throw new Error(`--kms ${arn}: the usage of the key is ${usage}, and must be SIGN_VERIFY`)
  if (!kmsAlgorithms[key.alg].specs.test(spec)) {
    const [fitting] = Object.entries(kmsAlgorithms).find(([, { specs }]) => specs.test(spec)) ?? []
    throw new Error(
      `--kms ${arn}: a key of spec ${spec} does not sign ${alg}${fitting ? `: add --alg ${fitting}` : ''}`,
    )
  }
  return jwk
}

async function described(arn: string, region: string): ReturnType<typeof describeKmsKey> {
  try {
    return await describeKmsKey(openKms(region, globalThis.fetch), arn)
  } catch (error) {
    throw new Error(`--kms ${arn}: ${explainKms(error, 'kms:GetPublicKey')}`)
  }
}
