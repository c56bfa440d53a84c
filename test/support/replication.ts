// Two PostgreSQL servers, the second a synchronous streaming replica of the first.
import { chmodSync, cpSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Db } from '../../src/storage/db.ts'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { preparePlace } from '../../src/storage/embedded/place.ts'
import { readPostmaster } from '../../src/storage/embedded/process.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { removeState } from './embedded-server.ts'
import { own, startPostmasterOn } from './postmaster.ts'
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
  /** Ends the replica. */
  stopReplica(): Promise<void>
  stop(): Promise<void>
}

/** Starts both, with nothing in them but roles. */
export async function startReplication(): Promise<Replication> {
  const folders = [1, 2].map((n) => mkdtempSync(join(tmpdir(), `postern-replica-${n}-`))) as [string, string]
  const settings = { max_connections: 60, wal_level: 'replica', max_wal_senders: 4, hot_standby: 'on' }
  const start = () => startEmbeddedPostgres({ state_dir: folders[0], settings, log: () => {} })
  // The files of a server that stands still are a base for its replica as they are.
  const before = await start()
  await before.stop()
  const target = copyFiles(folders, before)
  const first = await start()
  const second = await startPostmasterOn({ data: target, state_dir: folders[1], settings }).catch(
    async (error: unknown) => {
      await first.stop()
      throw error
    },
  )
  const primary = openPostgres({ url: first.admin_url, namespace: 'auth', max: 2 })
  const at_second = (url: string) => Object.assign(new URL(url), { port: String(second.port) }).href
  const replica = openPostgres({ url: at_second(first.admin_url), namespace: 'auth', max: 2 })
  await until(
    'the replica follows',
    async () => (await primary.query('select 1 from pg_stat_replication')).length === 1,
  )
  // What is acknowledged is on both from now on.
  await primary.script(`alter system set synchronous_standby_names = '*'`)
  await primary.query('select pg_reload_conf()')
  await until(
    'commits wait for the replica',
    async () => (await primary.query(`select 1 from pg_stat_replication where sync_state = 'sync'`)).length === 1,
  )
  const [one, two] = [new URL(first.url), new URL(at_second(first.url))]
  let hasReplica = true
  return {
    url: `${first.url.replace(one.host, `${one.host},${two.host}`)}${one.search ? '&' : '?'}target_session_attrs=read-write`,
    replica_url: two.href,
    primary,
    replica,
    async failOver() {
      const { pid } = readPostmaster(join(preparePlace(folders[0]).folder, 'data')) ?? { pid: 0 }
      if (pid > 0) process.kill(pid, 'SIGKILL')
      await replica.query('select pg_promote()')
    },
    async stopReplica() {
      hasReplica = false
      await second.stop()
    },
    async stop() {
      await Promise.all([primary.close(0), replica.close(0)])
      if (hasReplica) await second.stop()
      // It may be dead already; its folder is given free all the same.
      await first.stop().catch(() => {})
      for (const folder of folders) removeState(folder)
    },
  }
}

/** Copies the data folder, as that of a replica of the first server. */
function copyFiles([from, to]: [string, string], first: EmbeddedPostgres): string {
  const places = [preparePlace(from), preparePlace(to)] as const
  const [source, target] = places.map(({ folder }) => join(folder, 'data')) as [string, string]
  cpSync(source, target, { recursive: true })
  chmodSync(target, 0o700)
  const { port, username, password } = new URL(first.admin_url)
  const conninfo = `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=replica`
  writeFileSync(join(target, 'standby.signal'), '')
  writeFileSync(join(target, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
  own(target, places[1].account)
  return target
}
