// Metadata of an account is merged key by key; null removes a key.
import { invalid } from '../../../errors.ts'
import type { Metadata } from '../../../storage/metadata.ts'

/** The old object with the changes of the new one. */
export function mergeMetadata(old: Metadata | null, changes: Metadata): Metadata {
  const merged = { ...old, ...changes }
  return Object.fromEntries(Object.entries(merged).filter(([name, value]) => !(value === null && name in changes)))
}

/** Bytes of JSON that people may keep about themselves: what every access token of theirs can carry. */
const maxBytes = 60_000

/** @throws AuthError 400 validation_failed when metadata would make access tokens too long to be sent (security INP-14) */
export function requireFitting(metadata: Metadata): Metadata {
  if (Buffer.byteLength(JSON.stringify(metadata)) > maxBytes)
    throw invalid(`data: at most ${maxBytes} bytes of JSON can be kept`)
  return metadata
}
