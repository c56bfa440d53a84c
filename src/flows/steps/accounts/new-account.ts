// What a sign-up asks for, and the identity of its own that it gives an account.
import type { Metadata } from '../../../storage/metadata.ts'
import type { AddressKind, TokenWay } from '../one-time-tokens/address-kinds.ts'

/** What a sign-up asks for, checked. */
export interface NewAccount extends TokenWay {
  kind: AddressKind
  /** Normalised. */
  address: string
  aud: string
  /** Null for an account without one. */
  password: string | null
  data: Metadata
}

/** What the audit log says of a sign-up. */
export const signUpTraits = ({ kind, channel }: NewAccount): Record<string, unknown> => ({
  provider: kind.name,
  ...(channel !== null && { channel }),
})
