// The check of keys that AWS KMS holds: that they sign, with the algorithm and the public part that GOTRUE_JWT_KEYS says.
import { keySettings } from '../../config/key-settings.ts'
import type { Config } from '../../config/keys.ts'
import { loadKeys } from '../../crypto/keys.ts'
import { describeKmsKey, openKms } from '../../crypto/kms-client.ts'
import { type KmsKey, type KmsSigner, kmsAlgorithms } from '../../crypto/kms-key.ts'
import { createKmsSigner } from '../../crypto/kms-signer.ts'
import { type HeldKey, isOwn, WrongKey } from '../../crypto/signing-key.ts'
import { AuthError } from '../../errors.ts'
import type { Check } from './check.ts'
import { explainKms } from './explain-kms.ts'

interface Named {
  variable: string
  key: HeldKey
}

/** Keys of AWS KMS that sign, with their variables. */
function heldKeys(config: Config, kms?: KmsSigner): Named[] {
  const { signing, id_tokens } = loadKeys({ ...keySettings(config), ...(kms && { kms }) })
  const all = [
    { variable: 'GOTRUE_JWT_KEYS', key: signing },
    ...(id_tokens === signing ? [] : [{ variable: 'POSTERN_OAUTH_ID_TOKEN_KEY', key: id_tokens }]),
  ]
  return all.flatMap(({ variable, key }) => (isOwn(key) ? [] : [{ variable, key }]))
}

/** Why a key does not sign; null when it does. */
async function problemOf({ held, signElsewhere }: HeldKey): Promise<string | null> {
  try {
    await signElsewhere('postern doctor')
    return null
  } catch (error) {
    const cause = error instanceof AuthError ? error.cause : error
    const name = cause instanceof Error ? cause.name : ''
    if (name === 'InvalidKeyUsageException') return `it is no key for ${held.alg}${await whatItIs(held)}`
    if (cause instanceof WrongKey) return 'it is another key than the one whose public members are given: take its own'
    return explainKms(cause, 'kms:Sign')
  }
}

/** What a key is instead, where the credentials may know. */
async function whatItIs({ arn, alg, region }: KmsKey): Promise<string> {
  try {
    const { spec, usage } = await describeKmsKey(openKms(region, globalThis.fetch), arn)
    const isOfSpec = kmsAlgorithms[alg].specs.test(spec)
    return isOfSpec ? `: its usage is ${usage}, and must be SIGN_VERIFY` : `: its spec is ${spec}`
  } catch {
    return ''
  }
}

/** The row. */
export const kmsCheck: Check = {
  name: 'keys in AWS KMS',
  applies(config) {
    try {
      return heldKeys(config).length > 0
    } catch {
      // That keys cannot be read is told before anything is checked.
      return false
    }
  },
  async run({ config }) {
    let keys: Named[]
    try {
      keys = heldKeys(config, createKmsSigner(globalThis.fetch))
    } catch (error) {
      return [`GOTRUE_JWT_KEYS: ${error instanceof Error ? error.message : 'the keys cannot be used'}`]
    }
    const problems = keys.map(async ({ variable, key }) => {
      const problem = await problemOf(key)
      return problem === null ? [] : [`${variable}: AWS KMS does not sign with ${key.held.arn}: ${problem}`]
    })
    return (await Promise.all(problems)).flat()
  },
}
