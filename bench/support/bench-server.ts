// A server under measurement: the command as people start it, on a PostgreSQL of its own.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { ownPort } from '../../test/support/own-port.ts'
import { parentOf, processorTime, processorTimeOfTree, residentMemory } from './processor-time.ts'

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
  const origin = `http://127.0.0.1:${port}`
  const secret = 'bench-secret-with-at-least-32-characters'
  const server = spawn(process.execPath, [...(options.flags ?? []), 'src/cli/main.ts', 'serve'], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      API_EXTERNAL_URL: origin,
      GOTRUE_SITE_URL: 'http://localhost:3000',
      GOTRUE_JWT_SECRET: secret,
      GOTRUE_JWT_AUD: 'authenticated',
      GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
      GOTRUE_MAILER_AUTOCONFIRM: 'true',
      GOTRUE_RATE_LIMIT_HEADER: 'x-rate-key',
      GOTRUE_LOG_LEVEL: 'error',
      GOTRUE_API_HOST: '127.0.0.1',
      PORT: String(port),
      ...options.env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const sql = postgres(database.admin_url, { max: options.connections ?? 2, onnotice: () => {} })
  const isUp = () =>
    fetch(`${origin}/health`).then(
      (answer) => answer.ok,
      () => false,
    )
  for (let tries = 0; !(await isUp()); tries++) {
    if (tries > 150 || server.exitCode !== null) throw new Error('the server did not start')
    await new Promise((wake) => setTimeout(wake, 100))
  }
  const [{ pid: backend } = { pid: 0 }] = await sql`select pg_backend_pid() as pid`
  const postmaster = parentOf(backend)
  const pid = server.pid ?? 0
  return {
    port,
    secret,
    sql,
    used: () => ({ server: processorTime(pid), database: processorTimeOfTree(postmaster) }),
    memory: () => residentMemory(pid),
    async close() {
      server.kill('SIGTERM')
      await sql.end({ timeout: 2 })
      if (server.exitCode === null) await new Promise((ended) => server.once('exit', ended))
      await database.stop()
      await rm(state_dir, { recursive: true, force: true })
    },
  }
}
