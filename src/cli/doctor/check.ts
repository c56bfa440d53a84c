// What a check of `postern doctor` is: a row of the table, and what it may use.
import type { Config } from '../../config/keys.ts'
import type { Db } from '../../storage/db.ts'

/** What checks work with. */
export interface Checked {
  config: Config
  db: Db
  /** Milliseconds since the epoch. */
  now(): number
}

/** A check; it only looks, and changes nothing. */
export interface Check {
  /** What is checked, as people read it. */
  name: string
  /** What must have been found well before. */
  needs?: 'database'
  /** Whether there is anything to check. */
  applies(config: Config): boolean
  /** What is wrong: a sentence each, with the variable and what to do. Empty when all is well. */
  run(checked: Checked): Promise<string[]>
}

/** What a check came to. */
export interface Finding {
  check: string
  problems: string[]
  /** Whether it could not be made, since something that it needs was found broken. */
  skipped: boolean
}
