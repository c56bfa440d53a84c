// What every measurement is given: a PostgreSQL of its own, servers on databases of it, and how much to measure.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { provisionRoles } from '../../src/storage/embedded/provision-roles.ts'
import { startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { ownPort } from '../../test/support/own-port.ts'
import { parentOf, processorTimeOfTree } from './processor-time.ts'
import { serverProgram } from './server-program.ts'
import { type Started, type StartOptions, startProcess } from './start-process.ts'

/** How much is measured. */
export interface Amounts {
  /** Of load, for what is loaded once. */
  seconds: number
  /** Turns of what is compared. */
  rounds: number
  /** Of each kind before memory is looked at again. */
  requests: number
  /** In the large database. */
  users: number
  /** The command of another server, or null. */
  against: string | null
  /** Its path that says 200 once it is healthy. */
  health: string
}

/** A database of its own. */
export interface BenchDatabase {
  /** For supabase_auth_admin. */
  url: string
  /** For the superuser. */
  admin_url: string
}

/** What a measurement is given. */
export interface Bench extends Amounts {
  database(): Promise<BenchDatabase>
  /** A server of ours on a database; `flags` are for node, `args` for `postern serve`. */
  serve(
    database: BenchDatabase,
    options?: { flags?: string[]; args?: string[]; env?: Record<string, string> },
  ): Promise<Started>
  /** Any program on a port that is free, which its variables and arguments may name. */
  start(of: (port: number) => Omit<StartOptions, 'port'>): Promise<Started>
  /** Any other on a database, by a command for a shell that gets the same variables. */
  other(database: BenchDatabase, command: string): Promise<Started>
  /** Microseconds that PostgreSQL's processes have run so far. */
  databaseTime(): number
  folder(): Promise<string>
  /** Tells people that it goes on. */
  say(line: string): void
}

/** The secret of servers under measurement. */
export const benchSecret = 'bench-secret-with-at-least-32-characters'

/** The variables of a server, in the names that the reference reads too. */
export const serverVariables = (database_url: string, port: number): Record<string, string> => ({
  DATABASE_URL: database_url,
  GOTRUE_DB_DATABASE_URL: database_url,
  GOTRUE_DB_DRIVER: 'postgres',
  API_EXTERNAL_URL: `http://127.0.0.1:${port}`,
  GOTRUE_SITE_URL: 'http://localhost:3000',
  GOTRUE_JWT_SECRET: benchSecret,
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_MAILER_AUTOCONFIRM: 'true',
  GOTRUE_RATE_LIMIT_HEADER: 'x-rate-key',
  GOTRUE_LOG_LEVEL: 'error',
  GOTRUE_API_HOST: '127.0.0.1',
  PORT: String(port),
})

/** Tests start many servers, and have them compiled once. */
function compileCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env
  return NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}
}

/** Opens the place of measurements, runs them, and closes it however they end. */
export async function withBench<T>(
  amounts: Amounts,
  say: (line: string) => void,
  work: (bench: Bench) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'postern-bench-'))
  const server = await startEmbeddedPostgres({ state_dir: join(root, 'postgres'), log: () => {} })
  const admin = postgres(server.admin_url, { max: 1, onnotice: () => {} })
  const started = new Set<Started>()
  let made = 0
  // A port for each server would use up those of a process, and servers come one after another.
  const ports = new Set<number>()
  const start: Bench['start'] = async (of) => {
    const free = [...ports].find((one) => ![...started].some((other) => other.port === one))
    const port = free ?? (await ownPort())
    ports.add(port)
    const one = await startProcess({ ...of(port), port })
    started.add(one)
    const close = async () => {
      await one.close()
      started.delete(one)
    }
    return { ...one, close }
  }
  try {
    const [{ pid: backend } = { pid: 0 }] = await admin`select pg_backend_pid() as pid`
    const postmaster = parentOf(backend)
    return await work({
      ...amounts,
      say,
      start,
      databaseTime: () => processorTimeOfTree(postmaster),
      folder: () => mkdtemp(join(root, 'folder-')),
      async database() {
        const name = `bench_${++made}`
        await admin.unsafe(`create database ${name}`)
        const [url, admin_url] = [server.url, server.admin_url].map((one) => withDatabase(one, name))
        const db = openPostgres({ url: admin_url ?? '', namespace: 'auth', max: 1 })
        await provisionRoles(db, new URL(server.url).password).finally(() => db.close())
        return { url: url ?? '', admin_url: admin_url ?? '' }
      },
      serve: (database, { flags = [], args = [], env = {} } = {}) =>
        start((port) => ({
          command: [...serverProgram(flags), 'serve', ...args],
          env: { ...serverVariables(database.url, port), ...compileCache(), ...env },
          health: '/health',
        })),
      other: (database, command) =>
        start((port) => ({ command: [command], env: serverVariables(database.url, port), health: amounts.health })),
    })
  } finally {
    await Promise.all([...started].map((one) => one.close()))
    await admin.end({ timeout: 2 })
    await server.stop()
    await rm(root, { recursive: true, force: true })
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}
