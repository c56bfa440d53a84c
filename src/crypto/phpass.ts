// Portable hashes of PHP programs: `$P$` of phpass and WordPress, `$H$` of phpBB, `$S$` of Drupal 7.
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { cryptLetters, cryptValue } from './crypt-letters.ts'

/** Rounds between two turns of the event loop: about a millisecond. */
const roundsAtOnce = 256

/** A hash taken apart. */
export interface Phpass {
  digest: 'md5' | 'sha512'
  /** Base 2 logarithm of the rounds. */
  log_rounds: number
  salt: string
  hash: string
}

/** Takes a hash apart; null for any other text. */
export function parsePhpass(text: string): Phpass | null {
  const parts = /^\$([PHS])\$([./0-9A-Za-z])(.{8})([./0-9A-Za-z]+)$/.exec(text)
  if (!parts) return null
  const [, kind, rounds = '', salt = '', hash = ''] = parts
  // Drupal keeps 55 letters in all.
  if (hash.length !== (kind === 'S' ? 43 : 22)) return null
  return { digest: kind === 'S' ? 'sha512' : 'md5', log_rounds: cryptValue(rounds), salt, hash }
}

/** The hash of a password, as long as the stored one, with turns of the event loop in between. */
export async function phpass(password: string, { digest, log_rounds, salt, hash }: Phpass): Promise<string> {
  const key = Buffer.from(password)
  let made = createHash(digest).update(salt).update(key).digest()
  for (let round = 0; round < 2 ** log_rounds; round++) {
    if (round % roundsAtOnce === 0) await turn()
    made = createHash(digest).update(made).update(key).digest()
  }
  return encode(made).slice(0, hash.length)
}

/** Three bytes at a time, the first lowest. */
function encode(made: Buffer): string {
  let text = ''
  for (let i = 0; i < made.length; i += 3) {
    const left = Math.min(3, made.length - i)
    text += cryptLetters(made[i + 2] ?? 0, made[i + 1] ?? 0, made[i] ?? 0, left + 1)
  }
  return text
}
