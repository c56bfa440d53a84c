// postern serve
import { composeAuth } from '../auth.ts'
import { createLog } from '../log.ts'
import { listen } from '../runtimes/node.ts'
import { migrate } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { version } from '../version.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import type { Options } from './main.ts'
import { untilStopped } from './until-stopped.ts'

/** Applies migrations and serves until a signal comes. */
export async function serve(options: Options): Promise<number> {
  const loaded = loadOrExplain(await readEnvironment(options))
  if (!loaded) return 1
  const { config, warnings } = loaded
  const log = createLog(config)
  for (const warning of warnings) log.warn({}, warning)
  const migrator = openDatabase({ ...config, api_max_request_duration: 0, db_max_pool_size: 1 })
  await migrate(migrator, { namespace: config.db_namespace, log }).finally(() => migrator.close())
  const db = openDatabase(config)
  const auth = composeAuth({ config, db, log })
  const stopped = untilStopped()
  const server = await listen(auth.fetch, { host: config.api_host, port: Number(config.api_port) })
  log.info({ version, host: config.api_host, port: server.port }, 'postern is listening')
  const signal = await stopped
  log.info({ signal }, 'postern is stopping')
  await server.close()
  await auth.close()
  await db.close()
  return 0
}
