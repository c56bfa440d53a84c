// A throw-away PostgreSQL for a run of the tests: in a temporary folder, and without waiting for the disk.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'

/** A server; `admin_url` is what POSTERN_TEST_PG gets. */
export interface TestServer {
  admin_url: string
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** Starts a server for tests on a free port of 127.0.0.1. */
export async function startTestServer(): Promise<TestServer> {
  const state_dir = mkdtempSync(join(tmpdir(), 'postern-test-'))
  const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: 300 }
  const server = await startEmbeddedPostgres({ state_dir, settings, log: () => {} })
  // A run that is cut short leaves neither a server nor files: the server stops with the process, once there is an exit.
  const onExit = () => removeState(state_dir)
  const onSignal = () => process.exit(1)
  process.once('exit', onExit).once('SIGINT', onSignal).once('SIGTERM', onSignal)
  const stop = async () => {
    process.off('exit', onExit).off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await server.stop()
    removeState(state_dir)
  }
  return { admin_url: server.admin_url, stop }
}

/** Removes a state folder, and the folder outside of it that root's databases lie in. */
export function removeState(state_dir: string): void {
  try {
    rmSync(realpathSync(join(state_dir, 'postgres')), { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  rmSync(state_dir, { recursive: true, force: true })
}
