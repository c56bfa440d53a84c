// Lists beside a replica: one that is behind a migration refuses what it does not have yet, and nobody is told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DatabaseError } from '../../src/storage/db.ts'
import { withReplica } from '../../src/storage/with-replica.ts'
import { testDatabase } from '../support/database.ts'

for (const [what, statement] of [
  ['a table', 'select count(*)::int as found from auth.users'],
  ['a schema', "select count(*)::int as found from information_schema.tables where 'postern'::regnamespace is null"],
  ['a column', 'select count(added)::int as found from auth.grown'],
  ['a function', 'select auth.added() as found'],
] as const)
  test(`${what} that a replica does not have yet is read from the database itself`, async () => {
    const [database, behind] = [await testDatabase(), await testDatabase({ migrated: false })]
    try {
      for (const { db } of [database, behind]) await db.script('create table auth.grown ()')
      await database.db.script(`alter table auth.grown add added text;
        create function auth.added() returns int language sql as 'select 0'`)
      const both = withReplica(database.db, behind.db)
      assert.deepEqual(await both.replica?.query(statement), [{ found: 0 }])
    } finally {
      await Promise.all([database.drop(), behind.drop()])
    }
  })

test('what is wrong with a statement is told as the database itself tells it', async () => {
  const [database, behind] = [await testDatabase(), await testDatabase({ migrated: false })]
  try {
    const both = withReplica(database.db, behind.db)
    await assert.rejects(
      async () => both.replica?.query('select from auth.nothing'),
      (error: unknown) => error instanceof DatabaseError && error.sqlstate === '42P01',
    )
    await assert.rejects(
      async () => both.replica?.query('select 1 / 0'),
      (error: unknown) => error instanceof DatabaseError && error.sqlstate === '22012',
    )
  } finally {
    await Promise.all([database.drop(), behind.drop()])
  }
})
