// Starts a PostgreSQL of our own in a state folder, so that nothing has to be installed or configured.
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openPostgres } from '../driver/postgres.ts'
import { embeddedBinaries } from './binaries.ts'
import { createData, type Kept, readKept } from './data.ts'
import { type KeptPostmaster, keepPostmaster } from './keep-postmaster.ts'
import { lockFolder } from './lock-folder.ts'
import { type Place, placeOf, preparePlace } from './place.ts'
import { isAlive, type Postmaster, readPostmaster, startPostmaster, stopPostmaster, waitFor } from './process.ts'
import { provisionRoles } from './provision-roles.ts'

/** Options of the embedded database. */
export interface EmbeddedOptions {
  /** Folder that is made if need be, as `.postern` in the current one. */
  state_dir: string
  /** Port on 127.0.0.1; that of the last start if it is free, or any free one. */
  port?: number
  /** Further settings of PostgreSQL, such as `fsync`. */
  settings?: Record<string, string | number>
  /** Starts a server again that ends by itself, on the same port; what happens is logged. */
  keep_running?: boolean
  log(line: string): void
}

/** A running embedded database. */
export interface EmbeddedPostgres {
  /** For the role supabase_auth_admin, who owns schema auth. */
  url: string
  /** For the superuser. */
  admin_url: string
  /** Stops the server, with everything committed on disk, and gives the folder free. */
  stop(): Promise<void>
}

const settings = {
  listen_addresses: '127.0.0.1',
  // Paths of sockets are limited to 107 bytes, and a checkout may lie deeper.
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  log_min_messages: 'warning',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/**
 * Starts PostgreSQL 18, with a new database at the first time; takes over a server that a killed process has left behind.
 * @throws Error when another process uses the folder, or the server doesn't start
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const state_dir = resolve(options.state_dir)
  mkdirSync(state_dir, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(state_dir)
  try {
    const place = preparePlace(state_dir)
    const data = join(place.folder, 'data')
    const kept = readKept(join(state_dir, 'postgres.json'), data)
    const startOn = (port: number | undefined) =>
      start(port === undefined ? options : { ...options, port }, { place, data, kept })
    const server = (await leftBehind(data, options)) ?? (await startOn(undefined))
    const keeper = options.keep_running ? keepPostmaster(server, { data, start: startOn, log: options.log }) : null
    return await takeOver(server, { data, state_dir, kept, keeper, unlock })
  } catch (error) {
    unlock()
    throw error
  }
}

/** A server whose owner was killed; one that is on its way down, or on another port than asked for, is waited out. */
async function leftBehind(data: string, options: EmbeddedOptions): Promise<Postmaster | undefined> {
  const found = await waitFor(20_000, () => {
    const server = readPostmaster(data)
    return !server || server.ready ? { server } : undefined
  })
  const server = found ? found.server : readPostmaster(data)
  if (!server) return undefined
  if (found && (options.port ?? server.port) === server.port) {
    options.log(`Took over the PostgreSQL server that was left running on port ${server.port}`)
    return server
  }
  await stopPostmaster(data, server.pid)
  return undefined
}

async function start(
  options: EmbeddedOptions,
  { place, data, kept }: { place: Place; data: string; kept: Kept },
): Promise<Postmaster> {
  const programs = embeddedBinaries(place.copies, place.must_copy)
  if (!existsSync(data)) {
    options.log(`Creating a PostgreSQL database in ${place.folder}`)
    const durable = options.settings?.fsync !== 'off'
    await createData(programs.initdb, { place, data, password: kept.superuser_password, durable })
  }
  removeMisleadingPid(data)
  let port = options.port ?? (kept.port || anyPort())
  const deadline = performance.now() + orphans_ms
  for (let tries = portsToTry; ; ) {
    const server = {
      program: programs.postgres,
      data,
      log_file: join(place.folder, 'postgres.log'),
      settings: { ...settings, ...options.settings, port },
    }
    try {
      return await startPostmaster(server, place.account)
    } catch (error) {
      if (isHeldByOrphans(error) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        continue
      }
      const isTaken = /Address already in use/.test(String(error))
      if (!isTaken || options.port !== undefined || --tries === 0) throw error
      port = anyPort()
    }
  }
}

/** Processes of a server that was killed end by themselves, and until the last has, PostgreSQL does not start on their files. */
const isHeldByOrphans = (error: unknown): boolean => /pre-existing shared memory block/.test(String(error))
/** How long that is waited for, in milliseconds. */
const orphans_ms = 20_000

/** PostgreSQL cannot be told to take any port that is free: it is given one, and another where that is taken. */
const portsToTry = 20
/** Below those that systems hand out themselves. */
const anyPort = (): number => randomInt(15_000, 32_000)

/**
 * A file that names a process which is something else by now would keep PostgreSQL from starting. One that names none
 * stays: by it PostgreSQL finds out whether processes of a server that was killed still write.
 */
function removeMisleadingPid(data: string): void {
  const file = join(data, 'postmaster.pid')
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
  if (pid > 1 && isAlive(pid)) rmSync(file, { force: true })
}

interface TakeOver {
  data: string
  state_dir: string
  kept: Kept
  keeper: KeptPostmaster | null
  unlock(): void
}

async function takeOver(
  server: Postmaster,
  { data, state_dir, kept, keeper, unlock }: TakeOver,
): Promise<EmbeddedPostgres> {
  const pid = () => keeper?.current().pid ?? server.pid
  const onExit = () => readPostmaster(data)?.pid === pid() && process.kill(pid(), 'SIGINT')
  process.once('exit', onExit)
  const stop = async () => {
    await keeper?.release()
    process.off('exit', onExit)
    await stopPostmaster(data, pid())
    unlock()
  }
  const url = (user: string, password: string) =>
    `postgres://${user}:${password}@127.0.0.1:${server.port}/postgres?sslmode=disable`
  const admin_url = url('postgres', kept.superuser_password)
  try {
    writeFileSync(join(state_dir, 'postgres.json'), JSON.stringify({ ...kept, port: server.port }), { mode: 0o600 })
    const admin = openPostgres({ url: admin_url, namespace: 'auth', max: 1 })
    await provisionRoles(admin, kept.auth_password).finally(() => admin.close())
  } catch (error) {
    await stop()
    throw error
  }
  return { url: url('supabase_auth_admin', kept.auth_password), admin_url, stop }
}

/**
 * Removes the database of a state folder, also where it lies outside of it, after a server that was left running is stopped.
 * @throws Error when another process uses the folder
 */
export async function removeEmbeddedPostgres(state_dir: string): Promise<void> {
  const unlock = await lockFolder(state_dir)
  try {
    const folder = placeOf(state_dir)
    const server = folder === undefined ? undefined : readPostmaster(join(folder, 'data'))
    if (folder !== undefined && server) await stopPostmaster(join(folder, 'data'), server.pid)
    for (const path of [folder, join(state_dir, 'postgres'), join(state_dir, 'postgres.json')])
      if (path !== undefined) rmSync(path, { recursive: true, force: true })
  } finally {
    unlock()
  }
}
