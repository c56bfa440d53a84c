// What a migration would do, found without doing it: the schemas of today are made in a database in memory, and compared.
import type { Db } from './db.ts'
import { isMigrated, migrate } from './migrate.ts'
import { readSchemaLines, type SchemaLine } from './schema-lines.ts'

/** One change; `from` is absent for what is made. */
export interface PlannedChange extends SchemaLine {
  from?: string
}

/**
 * The changes of a migration in the order of names, null where there is nothing to do; only catalogs of the database are
 * read. `openScratch` makes an empty database. Parts of a thing that is made are not listed beside it.
 */
export async function planMigration(
  db: Db,
  namespace: string,
  openScratch: () => Promise<Db>,
): Promise<PlannedChange[] | null> {
  if (await isMigrated(db, namespace)) return null
  const [present, wanted] = await Promise.all([
    readSchemaLines(db, [namespace, 'postern']),
    schemaOfToday(namespace, openScratch),
  ])
  const there = new Map(present.map((line) => [`${line.kind} ${line.name}`, line]))
  const isMade = (kind: string, name: string) => !there.has(`${kind} ${name}`)
  return wanted.flatMap((line): PlannedChange[] => {
    const found = there.get(`${line.kind} ${line.name}`)
    if (found) return found.definition === line.definition ? [] : [{ ...line, from: found.definition }]
    const within = line.name.split('.').slice(0, 2).join('.')
    const is_part = ['column', 'constraint', 'index'].includes(line.kind) && isMade('table', within)
    return is_part ? [] : [line]
  })
}

async function schemaOfToday(namespace: string, openScratch: () => Promise<Db>): Promise<SchemaLine[]> {
  const scratch = await openScratch()
  try {
    await migrate(scratch, { namespace })
    return await readSchemaLines(scratch, [namespace, 'postern'])
  } finally {
    await scratch.close()
  }
}
