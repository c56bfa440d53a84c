// The public door of the package: createAuth, and the types that go with it.
import { type Auth, composeAuth } from './auth.ts'
import { loadConfig } from './config/load.ts'
import { createLog, type Logger } from './log.ts'
import type { Db } from './storage/db.ts'
import { openDatabase } from './storage/open-database.ts'

export type { Auth } from './auth.ts'
export type { Config } from './config/keys.ts'
export { ConfigError } from './config/load.ts'
export type { Connection } from './http/create-context.ts'
export type { Logger } from './log.ts'
export type { Db, Queryable } from './storage/db.ts'
export { openDatabase } from './storage/open-database.ts'

/** What createAuth takes; `env` holds the variables of docs/configuration.md. */
export interface AuthOptions {
  env: Record<string, string | undefined>
  /** A database that is open already; else one is opened by DATABASE_URL and closed by `close`. */
  db?: Db
  log?: Logger
  fetch?: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  now?: () => number
  random?: (size: number) => Buffer
}

/**
 * Makes a server without a socket: `fetch` answers requests, `migrate` brings the database up to date.
 * @throws ConfigError that lists every problem of the configuration
 */
export function createAuth(options: AuthOptions): Auth {
  const loaded = loadConfig(options.env)
  const { config, warnings } = loaded
  const log = options.log ?? createLog(config)
  for (const warning of warnings) log.warn({}, warning)
  const db = options.db ?? openDatabase(config)
  const { now, random } = options
  const auth = composeAuth({
    config,
    db,
    log,
    loaded,
    ...(options.fetch && { fetch: options.fetch }),
    ...(now && { now }),
    ...(random && { random }),
  })
  if (options.db) return auth
  return {
    ...auth,
    async close() {
      await auth.close()
      await db.close()
    },
  }
}
