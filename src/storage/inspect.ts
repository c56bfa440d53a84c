// What `postern doctor` asks of a database; nothing is written.
import type { Queryable } from './db.ts'

/** Facts about a database and our connection to it. */
export interface DatabaseFacts {
  /** As in 180004. */
  version: number
  role: string
  database: string
  is_replica: boolean
  /** Roles of row-level security that are missing. */
  missing_roles: string[]
  /** Connections that the server has for roles such as ours. */
  connections: number
  /** Whether the connection is encrypted; null where the server does not tell. */
  has_tls: boolean | null
  /** Address of the server as it sees itself; null for a socket. */
  address: string | null
  /** The database's clock, milliseconds since the epoch. */
  now_ms: number
}

/** Reads the facts with one statement. */
export async function inspectDatabase(db: Queryable): Promise<DatabaseFacts> {
  const [facts] = await db.query<DatabaseFacts>(
    `select current_setting('server_version_num')::int as version, current_user::text as role,
        current_database()::text as database, pg_is_in_recovery() as is_replica,
        array(select r from unnest(array['anon', 'authenticated', 'service_role']) r
          where not exists (select from pg_catalog.pg_roles where rolname = r)) as missing_roles,
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as connections,
        (select ssl from pg_catalog.pg_stat_ssl where pid = pg_catalog.pg_backend_pid()) as has_tls,
        host(inet_server_addr()) as address, extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`,
  )
  if (!facts) throw new Error('the database gave no answer')
  return facts
}
