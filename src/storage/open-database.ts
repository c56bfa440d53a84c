// Opens the database that the configuration names.
import type { Config } from '../config/keys.ts'
import type { Db } from './db.ts'
import { openPostgres } from './postgres.ts'

/** A pool for DATABASE_URL; nothing is connected before the first statement. */
export function openDatabase(config: Config, onRoundTrip?: () => void): Db {
  return openPostgres({
    url: config.database_url,
    namespace: config.db_namespace,
    max: config.db_max_pool_size > 0 ? config.db_max_pool_size : 10,
    ...(config.db_conn_max_lifetime > 0 && { max_lifetime_ms: config.db_conn_max_lifetime }),
    ...(config.db_conn_max_idle_time > 0 && { idle_ms: config.db_conn_max_idle_time }),
    prepare: config.db_prepare,
    ...(config.api_max_request_duration > 0 && { statement_timeout_ms: config.api_max_request_duration }),
    ...(onRoundTrip && { onRoundTrip }),
  })
}
