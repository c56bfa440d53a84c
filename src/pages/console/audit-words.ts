// What the actions of the audit log are called.
import { english } from '../words/english.ts'
import type { Words } from '../words/words.ts'

const prefix = 'audit.'
type Key = Extract<keyof typeof english.console, `audit.${string}`>

const keys = Object.keys(english.console).filter((key): key is Key => key.startsWith(prefix))

/** Every action that has words, in order. */
export const auditActions: readonly string[] = keys.map((key) => key.slice(prefix.length)).sort()

/** The words for an action; one that is not ours stays as it is. */
export function auditWord(words: Words, action: string): string {
  const key = keys.find((known) => known === `${prefix}${action}`)
  return key ? words(`console.${key}`) : action
}
