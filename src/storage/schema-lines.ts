// What a database has of the schemas auth and postern, one line a thing, so that two databases can be compared.
import type { Queryable } from './db.ts'

/** A table, column, constraint, index, function or type; `definition` is what may differ between two of one name. */
export interface SchemaLine {
  kind: string
  name: string
  definition: string
}

/** Everything in these schemas; reads catalogs only. */
export async function readSchemaLines(db: Queryable, schemas: readonly string[]): Promise<SchemaLine[]> {
  return db.query<SchemaLine>(
    `with s as (select oid, nspname from pg_catalog.pg_namespace where nspname = any ($1::text[])),
      t as (select c.oid, s.nspname || '.' || c.relname as name from pg_catalog.pg_class c join s on s.oid = c.relnamespace
        where c.relkind = 'r')
      select 'schema' as kind, nspname as name, '' as definition from s
      union all select 'table', name, '' from t
      union all select 'column', t.name || '.' || a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
          || case when a.attnotnull then ' not null' else '' end || coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
        from t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      union all select 'constraint', t.name || '.' || c.conname, ''
        from t join pg_catalog.pg_constraint c on c.conrelid = t.oid where c.contype in ('p', 'u', 'f', 'c')
      union all select 'index', t.name || '.' || c.relname, ''
        from t join pg_catalog.pg_index i on i.indrelid = t.oid join pg_catalog.pg_class c on c.oid = i.indexrelid
        where not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid)
      union all select 'value', s.nspname || '.' || y.typname || '.' || e.enumlabel, ''
        from pg_catalog.pg_type y join s on s.oid = y.typnamespace join pg_catalog.pg_enum e on e.enumtypid = y.oid
      union all select 'function', s.nspname || '.' || p.proname, ''
        from pg_catalog.pg_proc p join s on s.oid = p.pronamespace
      order by 2`,
    [[...schemas]],
  )
}
