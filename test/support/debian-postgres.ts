// A PostgreSQL of Debian, with the programs of backups beside it, which the embedded one lacks.
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { preparePlace } from '../../src/storage/embedded/place.ts'
import { runProgram } from '../../src/storage/embedded/process.ts'
import { provisionRoles } from '../../src/storage/embedded/provision-roles.ts'
import { requireProgram } from './debian.ts'
import { removeState } from './embedded-server.ts'
import { own, startPostmasterOn } from './postmaster.ts'

/** The folder of its programs, of the newest version; found or installed. */
const programFolder = () => globSync('/usr/lib/postgresql/*/bin/initdb').sort().map(dirname).at(-1)

/** Why its programs cannot be had; null where they can. */
export function missingPostgres(): string | null {
  if (programFolder()) return null
  requireProgram('initdb', 'postgresql')
  return programFolder() ? null : 'the programs of PostgreSQL are not installed'
}

/** A running server. */
export interface DebianPostgres {
  /** Where pg_dump and the others lie. */
  bin: string
  /** The superuser's address of a database. */
  adminUrl(database: string): string
  /** The address of a database for supabase_auth_admin. */
  url(database: string): string
  stop(): Promise<void>
}

const password = 'root'
const settings = { fsync: 'off', wal_level: 'replica', max_wal_senders: 4 }

/** Starts a server with the roles of an application; on a copy of the files in `base` where that is given. */
export async function startDebianPostgres(base?: string): Promise<DebianPostgres> {
  const bin = programFolder()
  if (!bin) throw new Error('the programs of PostgreSQL are not installed')
  const state_dir = mkdtempSync(join(tmpdir(), 'postern-debian-'))
  const { account, folder } = preparePlace(state_dir)
  const data = join(folder, 'data')
  if (base) cpSync(base, data, { recursive: true })
  else mkdirSync(data)
  chmodSync(data, 0o700)
  const secret = join(folder, 'password')
  writeFileSync(secret, password)
  own(data, account)
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${secret}`]
  if (!existsSync(join(data, 'PG_VERSION')))
    await runProgram(
      join(bin, 'initdb'),
      ['-D', data, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', ...access],
      account,
    )
  rmSync(secret)
  const server = await startPostmasterOn({ data, state_dir, settings, program: join(bin, 'postgres') })
  const address = (user: string) => (database: string) =>
    `postgres://${user}:${password}@127.0.0.1:${server.port}/${database}?sslmode=disable`
  const adminUrl = address('postgres')
  const admin = openPostgres({ url: adminUrl('postgres'), namespace: 'auth', max: 1 })
  await provisionRoles(admin, password).finally(() => admin.close())
  const stop = async () => {
    await server.stop()
    removeState(state_dir)
  }
  return { bin, adminUrl, url: address('supabase_auth_admin'), stop }
}
