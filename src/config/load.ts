// Reads the environment into a configuration and reports every problem at once.
import { checkConfig } from './check.ts'
import { composeHints } from './compose-hints.ts'
import { goneName } from './gone-names.ts'
import { isKey, type Key } from './key-types.ts'
import { type Config, keys, type Values } from './keys.ts'
import { nearestName } from './nearest-name.ts'
import { raiseMinima } from './raise-minima.ts'
import { configWarnings } from './warnings.ts'

/** Variables by name. */
export type Environment = Record<string, string | undefined>

/** A configuration, and what somebody should know about it. */
export interface Loaded {
  config: Config
  warnings: string[]
  /** Names that variables can have, with the one that each is set by. */
  set_names: ReadonlyMap<string, string>
  /** The sentence with each variable under the name that it is set by, of those that it can have. */
  inNamesOf(sentence: string): string
}

/** A configuration that cannot be used; `problems` has a sentence for each variable, without its value. */
export class ConfigError extends Error {
  readonly problems: string[]
  /** Variables that nothing reads: one of them may be a misspelt one that is missed. */
  readonly unknown: string[]

  constructor(problems: string[], unknown: string[] = []) {
    super(`the configuration has ${problems.length} problem(s): ${problems.join('; ')}`)
    this.name = 'ConfigError'
    this.problems = problems
    this.unknown = unknown
  }
}

/** The variables of this process. */
export const processEnvironment = (): Environment => ({ ...process.env })

/** What variables amount to, whether a server can run with it or not. */
export interface Inspected extends Loaded {
  /** What keeps a server from starting, a sentence for each variable. The configuration has defaults in their place. */
  problems: string[]
  /** What nothing reads. */
  unknown: string[]
}

/**
 * Makes a configuration of variables.
 * @throws ConfigError with all problems together
 */
export function loadConfig(env: Environment = processEnvironment()): Loaded {
  const { problems, warnings, unknown, ...loaded } = inspectConfig(env)
  if (problems.length > 0) throw new ConfigError(problems, unknown)
  return { ...loaded, warnings: [...warnings, ...unknown] }
}

/** The same with everything that is wrong beside it, for who reports more than that. */
export function inspectConfig(env: Environment): Inspected {
  const problems: string[] = []
  const known = new Set<string>()
  const set_names = new Map<string, string>()
  const read = (key: Key<unknown>): unknown => {
    const name = nameOf(key, env)
    for (const one of key.env) {
      known.add(one)
      if (name !== undefined) set_names.set(one, name)
    }
    try {
      return key.read(name === undefined ? key.fallback : (env[name] ?? ''))
    } catch (error) {
      problems.push(`${name} ${error instanceof Error ? error.message : 'cannot be read'}`)
      return key.read(key.fallback)
    }
  }
  const given = readTable(keys, read)
  const config = raiseMinima(given)
  const inNamesOf = (sentence: string) => sentence.replace(/[A-Z][A-Z0-9_]{3,}/g, (word) => set_names.get(word) ?? word)
  problems.push(...checkConfig(config).map(inNamesOf))
  return {
    config,
    problems,
    warnings: configWarnings(config, given).map(inNamesOf),
    unknown: [...unknownNames(env, known), ...composeHints(env)],
    set_names,
    inNamesOf,
  }
}

/** The name that a key has its value under: an empty value gives way to another name, and to the default if it means nothing. */
function nameOf(key: Key<unknown>, env: Environment): string | undefined {
  const filled = key.env.find((name) => (key.keeps_empty ? env[name] : env[name]?.trim()))
  return filled ?? (key.keeps_empty ? key.env.find((name) => env[name] !== undefined) : undefined)
}

/** Reads every key of a table, and of the tables within it. */
function readTable<Table extends object>(table: Table, read: (key: Key<unknown>) => unknown): Values<Table> {
  const entries = Object.entries(table).map(([name, entry]) => [
    name,
    isKey(entry) ? read(entry) : readTable(entry, read),
  ])
  return Object.fromEntries(entries) as Values<Table>
}

function unknownNames(env: Environment, known: ReadonlySet<string>): string[] {
  return Object.keys(env)
    .filter((name) => /^(GOTRUE|POSTERN)_/.test(name) && !known.has(name) && !ownTests.has(name))
    .map((name) => {
      const gone = goneName(name)
      if (gone !== null) return gone
      const nearest = nearestName(name, known)
      return `${name} is not a variable of this server${nearest === null ? '' : `; did you mean ${nearest}?`}`
    })
}

/** What our own tests hand to processes that they start. */
const ownTests: ReadonlySet<string> = new Set(['POSTERN_TEST_PG'])
