// The server of `postern dev` in this folder, for commands that are called there: as it runs, or as it ran last.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Environment } from '../config/load.ts'
import { requirePackages } from '../config/needed-packages.ts'
import { databaseVariables } from '../dev/database.ts'
import { readKeptServer } from '../dev/kept-server.ts'
import { readDevSecrets } from '../dev/secrets.ts'
import { devVariables } from '../dev/variables.ts'
import { openPostgres } from '../storage/driver/postgres.ts'
import { startEmbeddedPostgres } from '../storage/embedded/start-embedded-postgres.ts'

/** What a command works with instead of the environment. */
export interface DevFolder {
  env: Environment
  /** Whether a server answers, so that it can be asked. */
  is_running: boolean
  /** Stops the database, if it was started for the command. */
  stop(): Promise<void>
}

const lastPort = 54321

/** The state folder of `postern dev` that commands look in. */
export const devFolder = (given: Environment, state: string | undefined): string =>
  resolve(state ?? given.POSTERN_STATE_DIR ?? '.postern')

/**
 * The development server of a state folder; null where there is none, or the environment names a server as a whole: a
 * database together with the secret of its tokens. A database alone is not used, as `postern dev` does not use it.
 */
export async function openDevFolder(given: Environment, state: string | undefined): Promise<DevFolder | null> {
  const state_dir = devFolder(given, state)
  const named = databaseVariables.filter((name) => given[name])
  const kept = readKeptServer(state_dir)
  const hasOwn = existsSync(join(state_dir, 'postgres.json'))
  if ((!kept && !hasOwn) || (named.length > 0 && given.GOTRUE_JWT_SECRET)) return null
  if (named.length > 0)
    console.error(`postern: ${named.join(', ')} not used, but the database of postern dev in ${state_dir}`)
  const nothing = async () => {}
  if (kept?.is_running) return { env: kept.variables, is_running: true, stop: nothing }
  const last = kept?.variables ?? devVariables({ port: lastPort, smtp_port: 1 }, await readDevSecrets(state_dir))
  const own = kept?.has_own_database === false ? null : await openOwn(state_dir)
  return { env: { ...last, ...(own && { DATABASE_URL: own.url }) }, is_running: false, stop: own?.stop ?? nothing }
}

/** The folder's own PostgreSQL: one that a killed server has left, or one that is started. */
async function openOwn(state_dir: string): Promise<{ url: string; stop(): Promise<void> }> {
  const { port, auth_password } = JSON.parse(readFileSync(join(state_dir, 'postgres.json'), 'utf8'))
  const url = `postgres://supabase_auth_admin:${auth_password}@127.0.0.1:${port}/postgres?sslmode=disable`
  if (await answers(url)) return { url, stop: async () => {} }
  requirePackages('dev_folder')
  return startEmbeddedPostgres({ state_dir, log: () => {} })
}

async function answers(url: string): Promise<boolean> {
  const db = openPostgres({ url, namespace: 'auth', max: 1, connect_timeout_ms: 2000, wait_ms: 2000 })
  return db
    .query('select 1')
    .then(
      () => true,
      () => false,
    )
    .finally(() => db.close(0))
}
