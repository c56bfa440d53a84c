// What a sign-up asks for, and the identity of its own that it gives an account.
import type { Metadata } from '../../../storage/metadata.ts'
import type { AddressKind, TokenWay } from '../one-time-tokens/address-kinds.ts'

/** What a sign-up asks for, checked. */
export interface NewAccount extends TokenWay {
  kind: AddressKind
  /** Normalised. */
  address: string
  aud: string
  /** A hash. */
  encrypted_password: string
  data: Metadata
}

/** The identity_data of an account's own identity; the server's keys win over the caller's. */
export const ownIdentityData = (id: string, { kind, address, data }: NewAccount): Metadata => ({
  ...data,
  sub: id,
  ...(kind.name === 'email' && { email: address }),
  email_verified: false,
  phone_verified: false,
})

/** What the audit log says of a sign-up. */
export const signUpTraits = ({ kind, channel }: NewAccount): Record<string, unknown> => ({
  provider: kind.name,
  ...(channel !== null && { channel }),
})
