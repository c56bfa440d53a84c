// SHA-crypt: the `$5$` and `$6$` hashes of Unix (U. Drepper, "Unix crypt using SHA-256 and SHA-512", 2008).
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { cryptLetters } from './crypt-letters.ts'

const usualRounds = 5000
/** Rounds between two turns of the event loop: less than a millisecond. */
const roundsAtOnce = 256

/** A hash taken apart. */
export interface ShaCrypt {
  digest: 'sha256' | 'sha512'
  rounds: number
  salt: string
  hash: string
}

/** Takes a hash apart; null for any other text. */
export function parseShaCrypt(text: string): ShaCrypt | null {
  const parts = /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$\n:]{0,16})\$([./0-9A-Za-z]+)$/.exec(text)
  if (!parts) return null
  const [, id, rounds, salt = '', hash = ''] = parts
  const digest = id === '5' ? 'sha256' : 'sha512'
  if (hash.length !== (digest === 'sha256' ? 43 : 86)) return null
  const asked = rounds === undefined ? usualRounds : Number(rounds)
  return { digest, rounds: Math.min(Math.max(asked, 1000), 999_999_999), salt, hash }
}

/** The hash of a password, with turns of the event loop in between. */
export async function shaCrypt(password: string, { digest, rounds, salt }: Omit<ShaCrypt, 'hash'>): Promise<string> {
  const [key, salted] = [Buffer.from(password), Buffer.from(salt)]
  const hash = (...parts: Uint8Array[]) => parts.reduce((made, part) => made.update(part), createHash(digest)).digest()
  const size = digest === 'sha256' ? 32 : 64
  const filled = (block: Buffer, length: number) =>
    Buffer.concat(Array.from({ length: Math.ceil(length / size) }, () => block)).subarray(0, length)
  const alternate = hash(key, salted, key)
  const first = createHash(digest).update(key).update(salted).update(filled(alternate, key.length))
  for (let bits = key.length; bits > 0; bits >>= 1) first.update(bits & 1 ? alternate : key)
  let made = first.digest()
  const p = filled(hash(...Array.from({ length: key.length }, () => key)), key.length)
  const s = filled(hash(...Array.from({ length: 16 + (made[0] ?? 0) }, () => salted)), salted.length)
  for (let round = 0; round < rounds; round++) {
    if (round % roundsAtOnce === 0) await turn()
    made = hash(round & 1 ? p : made, ...(round % 3 ? [s] : []), ...(round % 7 ? [p] : []), round & 1 ? made : p)
  }
  return encode(made, digest)
}

/** Bytes in the specification's order, three at a time, as 24 bits from the least on. */
function encode(made: Buffer, digest: ShaCrypt['digest']): string {
  const groups = digest === 'sha256' ? 10 : 21
  let text = ''
  for (let i = 0; i < groups; i++)
    text += cryptLetters(...(digest === 'sha256' ? ordered256(made, i) : ordered512(made, i)), 4)
  if (digest === 'sha256') return text + cryptLetters(0, made[31] ?? 0, made[30] ?? 0, 3)
  return text + cryptLetters(0, 0, made[63] ?? 0, 2)
}

type Three = [number, number, number]
const rotated = ([a, b, c]: Three, by: number): Three => (by === 0 ? [a, b, c] : by === 1 ? [b, c, a] : [c, a, b])

function ordered256(made: Buffer, i: number): Three {
  const three: Three = [made[i] ?? 0, made[i + 10] ?? 0, made[i + 20] ?? 0]
  return rotated(three, (3 - (i % 3)) % 3)
}

function ordered512(made: Buffer, i: number): Three {
  return rotated([made[i] ?? 0, made[i + 21] ?? 0, made[i + 42] ?? 0], i % 3)
}
