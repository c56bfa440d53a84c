// A server under measurement: the command as people start it, on a PostgreSQL of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { ownPort } from '../../test/support/own-port.ts'
import { benchSecret, serverVariables } from './bench.ts'
import { parentOf, processorTimeOfTree } from './processor-time.ts'
import { serverProgram } from './server-program.ts'
import { startProcess } from './start-process.ts'

/** A server under measurement. */
export interface BenchServer {
  port: number
  secret: string
  sql: postgres.Sql
  /** Microseconds of the processor so far. */
  used(): { server: number; database: number }
  /** Megabytes. */
  memory(): number
  close(): Promise<void>
}

/** Starts it; `flags` are for node, `env` is added to its variables, `connections` are those of `sql`. */
export async function startBenchServer(
  options: { flags?: readonly string[]; env?: Record<string, string>; connections?: number } = {},
): Promise<BenchServer> {
  const state_dir = await mkdtemp(join(tmpdir(), 'postern-bench-'))
  const database = await startEmbeddedPostgres({ state_dir, log: () => {} })
  const port = await ownPort()
  const server = await startProcess({
    command: [...serverProgram(options.flags), 'serve'],
    env: { ...serverVariables(database.url, port), ...options.env },
    port,
    health: '/health',
  })
  const sql = postgres(database.admin_url, { max: options.connections ?? 2, onnotice: () => {} })
  const [{ pid: backend } = { pid: 0 }] = await sql`select pg_backend_pid() as pid`
  const postmaster = parentOf(backend)
  return {
    port,
    secret: benchSecret,
    sql,
    used: () => ({ server: server.used(), database: processorTimeOfTree(postmaster) }),
    memory: () => server.memory().now,
    async close() {
      await Promise.all([server.close(), sql.end({ timeout: 2 })])
      await database.stop()
      await rm(state_dir, { recursive: true, force: true })
    },
  }
}
