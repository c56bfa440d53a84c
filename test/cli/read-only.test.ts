// Commands that only look write nothing: no schema, no migration, no row; a database that needs a migration is told so.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { runCommand, testFolder } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

let files: Awaited<ReturnType<typeof testFolder>>
let empty: TestDatabase
let older: TestDatabase
let migrated: TestDatabase

before(async () => {
  files = await testFolder()
  empty = await testDatabase({ migrated: false })
  older = await testDatabase({ migrated: false })
  migrated = await testDatabase()
  const schema = await readFile(new URL('../fixtures/older-schemas/20240115144230.sql', import.meta.url), 'utf8')
  await older.db.script(schema.replace(/create schema auth;/i, 'create schema if not exists auth;'))
})
after(async () => {
  await Promise.all([empty, older, migrated].map((database) => database.drop()))
  await files.remove()
})

/** Everything that the catalogs hold of our schemas, and which transaction wrote the newest of how many rows. */
async function stateOf({ db }: TestDatabase) {
  const things = await db.query<{ name: string; relkind: string }>(
    `select n.nspname || '.' || coalesce(c.relname, '') as name, c.relkind, c.xmin::text as version,
        (select array_agg(a.attname || a.atttypid::text order by a.attnum) from pg_attribute a where a.attrelid = c.oid) as columns
      from pg_namespace n left join pg_class c on c.relnamespace = n.oid
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2`,
  )
  const rows = things
    .filter(({ name, relkind }) => relkind === 'r' && /^(auth|postern)\./.test(name))
    .map(({ name }) =>
      db.query(`select '${name}' as name, count(*)::int as rows, max(xmin::text::bigint) as newest from ${name}`),
    )
  return [things, await Promise.all(rows)]
}

const looking: Record<string, (file: string) => string[]> = {
  'import --dry-run': (file) => ['import', file, '--dry-run'],
  export: () => ['export'],
  'admin users list': () => ['admin', 'users', 'list'],
  'admin audit': () => ['admin', 'audit'],
  doctor: () => ['doctor'],
  'migrate --dry-run': () => ['migrate', '--dry-run'],
}

test('on a database with older tables, and on one of today, nothing is written', async () => {
  const file = await files.save('look.ndjson', [{ email: 'look@example.com', phone: '+15550001111' }])
  for (const [kind, database] of Object.entries({ older, migrated })) {
    const before_it = await stateOf(database)
    const ran = await Promise.all(
      Object.entries(looking).map(async ([name, args]) => [name, await runCommand(args(file), database.url)] as const),
    )
    assert.deepEqual(await stateOf(database), before_it, kind)
    for (const [name, { code, stdout, stderr }] of ran) {
      const said = stdout + stderr
      const told = `${kind}: ${name}: ${code} ${said}`
      if (kind === 'migrated') assert.doesNotMatch(said, /needs a migration/, told)
      else assert.match(said, /needs a migration|postern migrate/, told)
      if (name === 'import --dry-run') assert.match(said, /Would be: 1 created/, told)
      if (name === 'migrate --dry-run') assert.equal(code, 0, told)
      if (name.startsWith('admin')) assert.equal(code, kind === 'migrated' ? 0 : 1, told)
    }
  }
})

test('migrate --dry-run names what would be made, and what an older database lacks', async () => {
  const [fresh, old, now] = await Promise.all(
    [empty, older, migrated].map((database) => runCommand(['migrate', '--dry-run'], database.url)),
  )
  assert.match(fresh?.stdout ?? '', /make table auth\.users/)
  assert.match(fresh?.stdout ?? '', /make table postern\.outbox/)
  assert.doesNotMatch(old?.stdout ?? '', /make table auth\.users\b/)
  assert.match(old?.stdout ?? '', /make column auth\.users\.is_anonymous/)
  assert.match(old?.stdout ?? '', /make table auth\.one_time_tokens/)
  assert.equal(now?.stdout.trim(), 'The database is up to date.')
  // What it names is done by the real one, and nothing is left to name.
  assert.equal((await runCommand(['migrate'], older.url)).code, 0)
  assert.equal((await runCommand(['migrate', '--dry-run'], older.url)).stdout.trim(), 'The database is up to date.')
})
