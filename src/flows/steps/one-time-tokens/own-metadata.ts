// What an account and its own identity say of a person who gave an address.
import type { Metadata } from '../../../storage/metadata.ts'
import type { AddressKind } from './address-kinds.ts'

/** What somebody said of themselves as they gave an address. */
export interface Said {
  kind: AddressKind
  address: string
  data: Metadata
}

/** The user_metadata of an account: what its person says; the server's keys win. */
export const ownMetadata = (id: string, { kind, address, data }: Said): Metadata => ({
  ...data,
  sub: id,
  ...(kind.name === 'email' && { email: address }),
  email_verified: false,
  phone_verified: false,
})

/** The identity_data of its own identity: the same, but no address that the server did not put there (security REV-03). */
export function ownIdentityData(id: string, said: Said): Metadata {
  const { email: _, phone: __, ...data } = said.data
  return ownMetadata(id, { ...said, data })
}
