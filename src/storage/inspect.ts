// What `postern doctor` asks of a database.
import type { Queryable } from './db.ts'
import { findUnusableTables, type UnusableTable } from './table-rights.ts'

/** A fact that was checked; `problem` is absent when it is as it should be. */
export interface DatabaseFinding {
  what: string
  problem?: string
  advice?: string
}

interface Facts {
  version: number
  role: string
  can_create: boolean
  schema_owner: string | null
  newest: string | null
  missing_roles: string[]
  read_only: boolean
}

/** Version, role, rights, schema and migrations of a database. */
export async function inspectDatabase(db: Queryable, namespace: string): Promise<DatabaseFinding[]> {
  const [facts] = await db.query<Facts>(
    `select current_setting('server_version_num')::int as version, current_user as role,
        has_database_privilege(current_database(), 'create') as can_create,
        (select pg_get_userbyid(nspowner) from pg_namespace where nspname = $1) as schema_owner,
        array(select r from unnest(array['anon', 'authenticated', 'service_role']) r
          where not exists (select from pg_roles where rolname = r)) as missing_roles,
        pg_is_in_recovery() as read_only,
        case when to_regclass($1 || '.schema_migrations') is not null then 'present' end as newest`,
    [namespace],
  )
  if (!facts) return [{ what: 'database', problem: 'gave no answer' }]
  const unusable = await findUnusableTables(db, namespace)
  return [
    facts.version >= 140_000
      ? { what: `database, PostgreSQL ${Math.floor(facts.version / 10_000)}` }
      : { what: 'database', problem: 'PostgreSQL 14 or newer is needed', advice: 'Upgrade the server.' },
    ...(facts.read_only
      ? [{ what: 'database', problem: 'is a read-only replica', advice: 'Point DATABASE_URL at the primary.' }]
      : []),
    facts.can_create || facts.schema_owner !== null
      ? { what: `role ${facts.role}` }
      : {
          what: `role ${facts.role}`,
          problem: 'may not create schemas here',
          advice: `As a superuser: grant create on database <name> to ${facts.role};`,
        },
    facts.newest === null
      ? { what: `schema ${namespace}`, problem: 'has no tables yet', advice: 'Run: postern migrate' }
      : { what: `schema ${namespace}, owned by ${facts.schema_owner}` },
    ...(unusable.length === 0 ? [] : [tablesFinding(facts.role, unusable)]),
    facts.missing_roles.length === 0
      ? { what: 'roles anon, authenticated, service_role' }
      : {
          what: 'roles for row-level security',
          problem: `${facts.missing_roles.join(', ')} missing`,
          advice: `Only needed with PostgREST: ${facts.missing_roles.map((role) => `create role ${role} nologin;`).join(' ')}`,
        },
  ]
}

/** Tables that belong to somebody else, as after a restore without owners, or whose row security holds for the server. */
function tablesFinding(role: string, tables: UnusableTable[]): DatabaseFinding {
  const broken = tables.filter(({ is_broken }) => is_broken)
  const names = (broken.length > 0 ? broken : tables).map(({ name }) => name).join(', ')
  return {
    what: 'tables',
    problem:
      broken.length > 0
        ? `${role} cannot use ${names}: requests fail`
        : `${names} belong to another role than ${role}: migrations will fail`,
    advice: `As a superuser: ${tables.map(({ cure }) => cure).join(' ')}`,
  }
}
