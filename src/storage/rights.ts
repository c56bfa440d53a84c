// What our role may not do with the schemas that it needs: nothing is written, and nothing is tried.
import type { Queryable } from './db.ts'
import { findUnusableTables, type UnusableTable } from './unusable-tables.ts'

/** A right that is missing, and the statement that gives it. */
export interface MissingRight {
  /** What cannot be done, as the end of a sentence that begins with the role. */
  problem: string
  /** For a superuser, or the owner. */
  statement: string
}

interface SchemaRights {
  role: string
  database: string
  schema: string
  exists: boolean
  can_create_schema: boolean
  can_use: boolean
  /** Sequences that are there, but give no numbers. */
  closed_sequences: string[]
}

/** Rights on the schema of the tables and on ours that are missing; empty when each statement can run. */
export async function missingRights(db: Queryable, namespace: string): Promise<MissingRight[]> {
  const [schemas, tables] = await Promise.all([readSchemas(db, namespace), findUnusableTables(db, namespace)])
  return [...schemas.flatMap(rightsOn), ...rightsOnTables(tables)]
}

const readSchemas = (db: Queryable, namespace: string): Promise<SchemaRights[]> =>
  db.query<SchemaRights>(
    `select current_user::text as role, current_database()::text as database, s.schema, n.oid is not null as exists,
        has_database_privilege(current_database(), 'create') as can_create_schema,
        coalesce(has_schema_privilege(n.oid, 'usage'), false) as can_use,
        array(select format('%s.%s', s.schema, c.relname) from pg_catalog.pg_class c where c.relnamespace = n.oid
          and case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage') end) as closed_sequences
      from unnest(array[$1::text, 'postern']) s (schema) left join pg_catalog.pg_namespace n on n.nspname = s.schema`,
    [namespace],
  )

function rightsOn(found: SchemaRights): MissingRight[] {
  const { role, schema, database, exists, closed_sequences } = found
  if (!exists && found.can_create_schema) return []
  if (!exists)
    return [
      { problem: `may not create schema ${schema}`, statement: `grant create on database ${database} to ${role};` },
    ]
  if (!found.can_use)
    return [
      { problem: `may not use schema ${schema}`, statement: `grant usage, create on schema ${schema} to ${role};` },
    ]
  if (closed_sequences.length === 0) return []
  const statement = `grant usage, select on all sequences in schema ${schema} to ${role};`
  return [{ problem: `may not use ${closed_sequences.join(', ')}`, statement }]
}

/** Tables that belong to somebody else, as after a restore without owners, or whose row security holds for the server. */
function rightsOnTables(tables: readonly UnusableTable[]): MissingRight[] {
  const broken = tables.filter(({ is_broken }) => is_broken)
  const told = broken.length > 0 ? broken : tables
  if (told.length === 0) return []
  const names = told.map(({ name }) => name).join(', ')
  const statement = tables.map(({ cure }) => cure).join(' ')
  return broken.length > 0
    ? [{ problem: `cannot use ${names}, and requests fail`, statement }]
    : [{ problem: `does not own ${names}, and migrations will fail`, statement }]
}
