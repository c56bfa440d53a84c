// Keys that sign: those of this process, at once, and those that AWS KMS holds, over the network.
import type { KeyObject } from 'node:crypto'
import { unavailable } from '../errors.ts'
import { type Algorithm, signerOf } from './algorithms.ts'
import type { KmsKey, KmsSigner } from './kms-key.ts'

interface NamedKey {
  alg: Algorithm
  /** `''` for a key without a name. */
  kid: string
  /** The encoded header of every token that the key signs. */
  header: string
}

/** A key of this process, which signs at once. */
export type OwnKey = NamedKey & { sign(text: string): string }

/** A key that never leaves AWS KMS: to sign is a network call, which no transaction may wait for. */
export type HeldKey = NamedKey & { held: KmsKey; signElsewhere(text: string): Promise<string> }

/** The key that signs. */
export type SigningKey = OwnKey | HeldKey

/** KMS signs with another key than the one whose public part is known. */
export class WrongKey extends Error {}

/** Whether a key signs at once. */
export const isOwn = (key: SigningKey): key is OwnKey => 'sign' in key

/** A key that signs here. */
export const ownKey = (alg: Algorithm, kid: string, key: KeyObject): OwnKey => ({
  ...named(alg, kid),
  sign: signerOf(alg, key),
})

/** A key that KMS signs with; what it signs is checked, since others verify with the public members of the JWK alone. */
export function heldKey(
  key: KmsKey,
  kid: string,
  verify: (text: string, signature: Buffer) => boolean,
  kms: KmsSigner,
): HeldKey {
  const sign = kms(key)
  return {
    ...named(key.alg, kid),
    held: key,
    async signElsewhere(text) {
      const signature = await sign(text)
      if (verify(text, Buffer.from(signature, 'base64url'))) return signature
      throw unavailable(new WrongKey(`what ${key.arn} signs does not fit the public part of its JWK`))
    },
  }
}

function named(alg: Algorithm, kid: string): NamedKey {
  const header = JSON.stringify({ alg, ...(kid !== '' && { kid }), typ: 'JWT' })
  return { alg, kid, header: Buffer.from(header).toString('base64url') }
}
