// A PostgreSQL server on files that are there: those of a replica, of a backup, or of Debian's programs.
import { chownSync, lchownSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { embeddedBinaries } from '../../src/storage/embedded/binaries.ts'
import { preparePlace } from '../../src/storage/embedded/place.ts'
import { type Account, startPostmaster, stopPostmaster } from '../../src/storage/embedded/process.ts'
import { ownPort } from './own-port.ts'

/** Files of a server, in the place that belongs to a state folder. */
export interface ServerFiles {
  data: string
  state_dir: string
  settings?: Record<string, string | number>
  /** The program `postgres`; the embedded one unless another is named. */
  program?: string
}

/** Starts a server on a port of its own. */
export async function startPostmasterOn({ data, state_dir, settings, program }: ServerFiles) {
  const { folder, account, copies, must_copy } = preparePlace(state_dir)
  const postgres = program ?? embeddedBinaries(copies, must_copy).postgres
  const log_file = join(folder, 'postgres.log')
  const port = await ownPort()
  const here = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port }
  const server = await startPostmaster(
    { program: postgres, data, log_file, settings: { ...settings, ...here } },
    account,
  )
  return { port, stop: () => stopPostmaster(data, server.pid) }
}

/** Gives a folder and all in it to the user that a server runs as; nothing to do where that is our own. */
export function own(path: string, { uid, gid = uid }: Account): void {
  if (uid === undefined || gid === undefined) return
  chownSync(path, uid, gid)
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true }))
    lchownSync(join(entry.parentPath, entry.name), uid, gid)
}
