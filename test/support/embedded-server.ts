// A throw-away PostgreSQL for a run of the tests: in a temporary folder, and without waiting for the disk.
import { chownSync, mkdtempSync, realpathSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
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
  const memory_dir = await moveToMemory(server.admin_url, state_dir)
  // A run that is cut short leaves neither a server nor files: the server stops with the process, once there is an exit.
  const remove = () => {
    removeState(state_dir)
    if (memory_dir) rmSync(memory_dir, { recursive: true, force: true })
  }
  const onSignal = () => process.exit(1)
  process.once('exit', remove).once('SIGINT', onSignal).once('SIGTERM', onSignal)
  const stop = async () => {
    process.off('exit', remove).off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await server.stop()
    remove()
  }
  return { admin_url: server.admin_url, stop }
}

const shared_memory = '/dev/shm'
const room_bytes = 2e9

/**
 * Puts new databases into memory, where there is room: a database is a thousand files, and file systems take a third of a second
 * of a processor to make so many where as many were just removed.
 */
async function moveToMemory(admin_url: string, state_dir: string): Promise<string | null> {
  if (!statSync(shared_memory, { throwIfNoEntry: false })) return null
  const { bavail, bsize } = statfsSync(shared_memory)
  if (bavail * bsize < room_bytes) return null
  const folder = mkdtempSync(join(shared_memory, 'postern-test-'))
  const { uid, gid } = statSync(join(state_dir, 'postgres', 'data'))
  chownSync(folder, uid, gid)
  const server = openPostgres({ url: admin_url, namespace: 'auth', max: 1 })
  try {
    await server.query(`create tablespace memory location '${folder}'`)
    await server.query(`alter database template1 set tablespace memory`)
  } finally {
    await server.close()
  }
  return folder
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
