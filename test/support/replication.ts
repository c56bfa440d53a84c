// Two PostgreSQL servers, the second a synchronous streaming replica of the first.
import { chownSync, cpSync, lchownSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Db } from '../../src/storage/db.ts'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { embeddedBinaries } from '../../src/storage/embedded/binaries.ts'
import { preparePlace } from '../../src/storage/embedded/place.ts'
import { readPostmaster, startPostmaster, stopPostmaster } from '../../src/storage/embedded/process.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { removeState } from './embedded-server.ts'
import { until } from './process.ts'

/** The pair. */
export interface Replication {
  /** Names both hosts, and wants the one that can be written to. */
  url: string
  /** The replica alone. */
  replica_url: string
  /** The superuser on each. */
  primary: Db
  replica: Db
  /** Ends the first server as a power cut does, and makes the second one take its place. */
  failOver(): Promise<void>
  stop(): Promise<void>
}

/** Starts both, with nothing in them but roles. */
export async function startReplication(): Promise<Replication> {
  const folders = [1, 2].map((n) => mkdtempSync(join(tmpdir(), `postern-replica-${n}-`))) as [string, string]
  const settings = { max_connections: 60, wal_level: 'replica', max_wal_senders: 4, hot_standby: 'on' }
  const first = await startEmbeddedPostgres({ state_dir: folders[0], settings, log: () => {} })
  const primary = openPostgres({ url: first.admin_url, namespace: 'auth', max: 2 })
  const second = await copyRunning(primary, first, folders, settings)
  const at_second = (url: string) => Object.assign(new URL(url), { port: String(second.port) }).href
  const replica = openPostgres({ url: at_second(first.admin_url), namespace: 'auth', max: 2 })
  await until(
    'the replica follows',
    async () => (await primary.query('select 1 from pg_stat_replication')).length === 1,
  )
  // What is acknowledged is on both from now on.
  await primary.script(`alter system set synchronous_standby_names = '*'`)
  await primary.query('select pg_reload_conf()')
  const [one, two] = [new URL(first.url), new URL(at_second(first.url))]
  let isUp = true
  return {
    url: `${first.url.replace(one.host, `${one.host},${two.host}`)}${one.search ? '&' : '?'}target_session_attrs=read-write`,
    replica_url: two.href,
    primary,
    replica,
    async failOver() {
      isUp = false
      const { pid } = readPostmaster(join(preparePlace(folders[0]).folder, 'data')) ?? { pid: 0 }
      if (pid > 0) process.kill(pid, 'SIGKILL')
      await replica.query('select pg_promote()')
    },
    async stop() {
      await Promise.all([primary.close(0), replica.close(0)])
      await second.stop()
      if (isUp) await first.stop()
      for (const folder of folders) removeState(folder)
    },
  }
}

/** A copy of the files of a server that runs (PostgreSQL 26.3.4), started as its replica. */
async function copyRunning(
  primary: Db,
  first: EmbeddedPostgres,
  [from, to]: [string, string],
  settings: Record<string, string | number>,
): Promise<{ port: number; stop(): Promise<void> }> {
  const places = [preparePlace(from), preparePlace(to)] as const
  const [source, target] = places.map(({ folder }) => join(folder, 'data')) as [string, string]
  await primary.transaction(async (session) => {
    await session.query(`select pg_backup_start('replica', true)`)
    cpSync(source, target, { recursive: true, filter: (path) => !/postmaster\.(pid|opts)$/.test(path) })
    const [backup] = await session.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
    writeFileSync(join(target, 'backup_label'), backup?.labelfile ?? '')
  })
  const { port, username, password } = new URL(first.admin_url)
  const conninfo = `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=replica`
  writeFileSync(join(target, 'standby.signal'), '')
  writeFileSync(join(target, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
  const { folder, account, copies, must_copy } = places[1]
  const { uid, gid } = account
  if (uid !== undefined) own(target, uid, gid ?? uid)
  const { postgres: program } = embeddedBinaries(copies, must_copy)
  const own_port = Number(port) + 1000 + Math.floor(Math.random() * 5000)
  const here = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: own_port }
  const log_file = join(folder, 'postgres.log')
  const server = await startPostmaster({ program, data: target, log_file, settings: { ...settings, ...here } }, account)
  return { port: own_port, stop: () => stopPostmaster(target, server.pid) }
}

function own(path: string, uid: number, gid: number): void {
  chownSync(path, uid, gid)
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true }))
    lchownSync(join(entry.parentPath, entry.name), uid, gid)
}
