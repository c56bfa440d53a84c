// MD5-crypt: the `$1$` hashes of Unix (P.-H. Kamp, FreeBSD 2.0) and the `$apr1$` ones of Apache's htpasswd.
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { cryptLetters } from './crypt-letters.ts'

const rounds = 1000
/** Rounds between two turns of the event loop: about a millisecond. */
const roundsAtOnce = 256

/** A hash taken apart. */
export interface Md5Crypt {
  magic: '$1$' | '$apr1$'
  salt: string
  hash: string
}

/** Takes a hash apart; null for any other text. */
export function parseMd5Crypt(text: string): Md5Crypt | null {
  const parts = /^(\$1\$|\$apr1\$)([^$\n:]{0,8})\$([./0-9A-Za-z]{22})$/.exec(text)
  return parts && { magic: parts[1] === '$1$' ? '$1$' : '$apr1$', salt: parts[2] ?? '', hash: parts[3] ?? '' }
}

const md5 = (...parts: (Uint8Array | string)[]): Buffer =>
  parts.reduce((made, part) => made.update(part), createHash('md5')).digest()

/** The hash of a password, with turns of the event loop in between. */
export async function md5Crypt(password: string, { magic, salt }: Omit<Md5Crypt, 'hash'>): Promise<string> {
  const key = Buffer.from(password)
  const inner = md5(key, salt, key)
  const first = createHash('md5').update(key).update(magic).update(salt)
  for (let left = key.length; left > 0; left -= 16) first.update(inner.subarray(0, Math.min(16, left)))
  // The original meant a byte of the inner hash here, and took one that it had just zeroed.
  for (let bits = key.length; bits > 0; bits >>= 1) first.update(bits & 1 ? '\0' : key.subarray(0, 1))
  let made: Buffer = first.digest()
  for (let round = 0; round < rounds; round++) {
    if (round % roundsAtOnce === 0) await turn()
    const middle = [...(round % 3 ? [salt] : []), ...(round % 7 ? [key] : [])]
    made = md5(round & 1 ? key : made, ...middle, round & 1 ? made : key)
  }
  return encode(made)
}

const order = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const

function encode(made: Buffer): string {
  const groups = order.map(([a, b, c]) => cryptLetters(made[a] ?? 0, made[b] ?? 0, made[c] ?? 0, 4))
  return groups.join('') + cryptLetters(0, 0, made[11] ?? 0, 2)
}
