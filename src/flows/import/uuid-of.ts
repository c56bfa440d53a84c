// Ids that are the same for the same text, so that a second import finds what the first one made.
import { createHash } from 'node:crypto'

/** A UUID of version 8 (RFC 9562 §5.8), the same for the same text. */
export function uuidOf(text: string): string {
  const digest = createHash('sha256').update(text).digest()
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  return digest.toString('hex', 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
