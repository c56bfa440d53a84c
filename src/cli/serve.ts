// postern serve
import { createLog } from '../log.ts'
import { version } from '../version.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import type { Options } from './options.ts'
import { startServer } from './start-server.ts'
import { untilStopped } from './until-stopped.ts'

/** Applies migrations and serves until a signal comes. */
export async function serve(options: Options): Promise<number> {
  const loaded = loadOrExplain(await readEnvironment(options))
  if (!loaded) return 1
  const log = createLog(loaded.config)
  const stopped = untilStopped()
  const server = await startServer(loaded, log)
  log.info({ version, host: loaded.config.api_host, port: server.port }, 'postern is listening')
  const signal = await stopped
  log.info({ signal }, 'postern is stopping')
  await server.close()
  return 0
}
