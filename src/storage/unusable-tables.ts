// Whether the role of the server can use its tables: after a restore they may be somebody else's, or filter every row.
import type { Queryable } from './db.ts'

/** A table that the role cannot use as it must. */
export interface UnusableTable {
  name: string
  /** Whether requests fail: a right is missing, or row security filters what they read. Else only migrations will. */
  is_broken: boolean
  /** What a superuser has to run. */
  cure: string
}

/** The tables of the two schemas that the present role does not own, may not use, or whose row security holds for it. */
export async function findUnusableTables(db: Queryable, namespace: string): Promise<UnusableTable[]> {
  return db.query<UnusableTable>(
    `select format('%s.%s', t.schema, t.name) as name,
        not t.has_rights or t.is_filtered as is_broken,
        case when t.is_own then format('alter table %I.%I no force row level security;', t.schema, t.name)
          else format('alter table %I.%I owner to %I;', t.schema, t.name, current_user) end as cure
      from (
        select n.nspname as schema, c.relname as name, pg_has_role(c.relowner, 'usage') as is_own,
          row_security_active(c.oid) as is_filtered,
          has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
            and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete') as has_rights
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ($1, 'postern') and c.relkind in ('r', 'p')) t
      where not t.is_own or t.is_filtered or not t.has_rights
      order by t.schema, t.name`,
    [namespace],
  )
}
