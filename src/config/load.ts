// Reads the environment into a configuration and reports every problem at once.
import { checkConfig } from './check.ts'
import {
  hookKeys,
  hookNames,
  mailKindKeys,
  mailKinds,
  notificationKey,
  notificationNames,
  providerKeys,
  providerNames,
} from './families.ts'
import type { Key } from './key-types.ts'
import { type Config, keys } from './keys.ts'
import { nearestName } from './nearest-name.ts'

/** Variables by name. */
export type Environment = Record<string, string | undefined>

/** A configuration, and what somebody should know about it. */
export interface Loaded {
  config: Config
  warnings: string[]
}

/** A configuration that cannot be used; `problems` has a sentence for each variable. */
export class ConfigError extends Error {
  readonly problems: string[]

  constructor(problems: string[]) {
    super(`the configuration has ${problems.length} problem(s): ${problems.join('; ')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** The variables of this process. */
export const processEnvironment = (): Environment => ({ ...process.env })

/**
 * Makes a configuration of variables.
 * @throws ConfigError
 */
export function loadConfig(env: Environment = processEnvironment()): Loaded {
  const problems: string[] = []
  const known = new Set<string>()
  const read = <Value>(key: Key<Value>, put: (name: string) => string = (name) => name): Value => {
    const names = key.env.map(put)
    for (const name of names) known.add(name)
    const name = names.find((candidate) => env[candidate] !== undefined && env[candidate] !== '')
    try {
      return key.read(name === undefined ? key.fallback : (env[name] ?? ''))
    } catch (error) {
      problems.push(`${name ?? names[0]}: ${error instanceof Error ? error.message : 'cannot be read'}`)
      return key.read(key.fallback)
    }
  }
  const readAll = (table: Record<string, Key<unknown>>, put?: (name: string) => string) =>
    Object.fromEntries(Object.entries(table).map(([name, key]) => [name, read(key, put)]))
  const family = (table: Record<string, Key<unknown>>, members: readonly string[], word: string) =>
    Object.fromEntries(
      members.map((member) => [member, readAll(table, (name) => name.replace(word, `_${member.toUpperCase()}_`))]),
    )
  const byKind = ([name, key]: [string, Key<unknown>]) => [
    name,
    Object.fromEntries(mailKinds.map((kind) => [kind, read(key, (env_name) => env_name.replace(/KIND$/, kind.toUpperCase()))])),
  ]
  // The tables above have the type of the configuration; only their assembly is beyond the type checker.
  const config = {
    ...readAll(keys),
    external: family(providerKeys, providerNames, '_PROVIDER_'),
    hooks: family(hookKeys, hookNames, '_NAME_'),
    mailer_notifications: Object.fromEntries(
      notificationNames.map((name) => [name, read(notificationKey, (env_name) => env_name.replace('_NAME_', `_${name.toUpperCase()}_`))]),
    ),
    ...Object.fromEntries(Object.entries(mailKindKeys).map(byKind)),
  } as unknown as Config
  const { problems: found, warnings } = checkConfig(config)
  problems.push(...found)
  if (problems.length > 0) throw new ConfigError(problems)
  return { config, warnings: [...warnings, ...unknownNames(env, known)] }
}

function unknownNames(env: Environment, known: ReadonlySet<string>): string[] {
  return Object.keys(env)
    .filter((name) => /^(GOTRUE|POSTERN)_/.test(name) && !known.has(name) && name !== 'POSTERN_TEST_PG')
    .map((name) => {
      const nearest = nearestName(name, known)
      return `${name} is not a variable of this server${nearest === null ? '' : `; did you mean ${nearest}?`}`
    })
}
