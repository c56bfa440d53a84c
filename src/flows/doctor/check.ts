// What a check of `postern doctor` is: a row of the table, and what it may use.
import type { Config } from '../../config/keys.ts'
import type { Db } from '../../storage/db.ts'

/** What checks work with. */
export interface Checked {
  config: Config
  /** Milliseconds since the epoch. */
  now(): number
}

interface CheckOf<Given> {
  /** What is checked, as people read it. */
  name: string
  /** Whether it is left to doctor: a server that starts fetches nothing that it fetches by itself later. */
  is_left_to_doctor?: boolean
  /** Whether there is anything to check. */
  applies(config: Config): boolean
  /**
   * What is wrong: a sentence each, with the variable and what to do. Empty when all is well; why, where nothing could be
   * seen from here. Nothing is changed.
   */
  run(given: Given): Promise<string[] | Unseen | Noted>
}

/** Why a check could not be made. */
export interface Unseen {
  since: string
}

/** What is well, and yet should be known. */
export interface Noted {
  note: string
}

/** A check of the database. */
export interface DatabaseCheck extends CheckOf<Checked & { db: Db }> {
  needs: 'database'
}

/** A check of anything. */
export type Check = DatabaseCheck | (CheckOf<Checked> & { needs?: never })

/** What a check came to. */
export interface Finding {
  check: string
  problems: string[]
  /** Whether it could not be made. */
  skipped: boolean
  /** Why it could not. */
  since?: string
  /** What should be known although all is well. */
  note?: string
}
