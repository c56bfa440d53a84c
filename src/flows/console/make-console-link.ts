// Makes a link to the console for who works at the machine, and keeps its hash.
import { createHash } from 'node:crypto'
import type { Deps } from '../../context.ts'
import { insertConsoleLink } from '../../storage/console-links.ts'

/** Seconds that a link waits to be used. */
export const linkLife_s = 300

/** A secret of 256 bits. */
export const newSecret = ({ random }: Pick<Deps, 'random'>): string => random(32).toString('base64url')

/** What is stored of a secret; null for a text that is none. */
export const hashOfSecret = (secret: string): Buffer | null =>
  /^[A-Za-z0-9_-]{43}$/.test(secret) ? createHash('sha256').update(`console:${secret}`).digest() : null

/** The secret of a new link, which counts once. */
export async function makeConsoleLink(deps: Pick<Deps, 'db' | 'random'>, operator: string): Promise<string> {
  const secret = newSecret(deps)
  const token_hash = hashOfSecret(secret)
  if (token_hash) await insertConsoleLink(deps.db, { token_hash, operator, expires_in_s: linkLife_s })
  return secret
}
