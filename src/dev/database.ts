// The database of `postern dev`: one of its own, or one that was named on the command line; never one that it finds.

import { lockFolder } from '../storage/embedded/lock-folder.ts'
import { startEmbeddedPostgres } from '../storage/embedded/start-embedded-postgres.ts'

/** A database that a development server uses. */
export interface DevDatabase {
  url: string
  /** What people are shown: for the superuser where there is one, without the password where it is somebody's own. */
  shown_url: string
  stop(): Promise<void>
}

/** Variables that name a database. */
export const databaseVariables = ['DATABASE_URL', 'GOTRUE_DB_DATABASE_URL', 'POSTERN_DB_DRIVER'] as const

/** Starts PostgreSQL in the state folder, and again should it end; with `url` takes that database, and keeps the folder. */
export async function openDevDatabase(options: {
  state_dir: string
  url: string | undefined
  log(line: string): void
}): Promise<DevDatabase> {
  const { state_dir, url, log } = options
  if (url === undefined) {
    const own = await startEmbeddedPostgres({ state_dir, keep_running: true, log })
    return { url: own.url, shown_url: own.admin_url, stop: own.stop }
  }
  const unlock = await lockFolder(state_dir)
  return { url, shown_url: url.replace(/^([^:]+:\/\/[^:@/]*):.*@/s, '$1:***@'), stop: async () => unlock() }
}
