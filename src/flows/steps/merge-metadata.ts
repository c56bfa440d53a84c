// Metadata of an account is merged key by key; null removes a key.
import type { Metadata } from '../../storage/users.ts'

/** The old object with the changes of the new one. */
export function mergeMetadata(old: Metadata | null, changes: Metadata): Metadata {
  const merged = { ...old, ...changes }
  return Object.fromEntries(Object.entries(merged).filter(([name, value]) => !(value === null && name in changes)))
}
