// GET /health/ready, and what doctor says, where the tables cannot be used as they must.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { missingRights } from '../../src/storage/rights.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let database: TestDatabase
let server: TestServer

before(async () => {
  database = await testDatabase()
  server = await startTestServer({ database })
})
after(async () => {
  await server.close()
  await database.drop()
})

async function asSuperuser(text: string): Promise<void> {
  const admin = openPostgres({ url: database.admin_url, namespace: 'auth', max: 1 })
  await admin.script(text).finally(() => admin.close())
}

const tables = async () => (await missingRights(database.db, 'auth'))[0]

const states: [name: string, spoil: string, is_broken: boolean][] = [
  [
    'tables of another role',
    'alter table auth.users owner to postgres; alter table auth.sessions owner to postgres',
    true,
  ],
  [
    'row security that holds for the owner',
    'alter table auth.users force row level security; alter table auth.users enable row level security',
    true,
  ],
  [
    'a table of another role whose rows nobody but its owner sees',
    'alter table auth.identities owner to postgres; grant all on auth.identities to supabase_auth_admin; alter table auth.identities enable row level security',
    true,
  ],
  ['a table of our own schema that is another role’s', 'alter table postern.outbox owner to postgres', true],
  [
    'a table of another role that grants every right',
    'alter table auth.users owner to postgres; alter table auth.users disable row level security; grant all on auth.users to supabase_auth_admin',
    false,
  ],
]
for (const [name, spoil, is_broken] of states)
  test(`${name}: ready and doctor say so, and the statement that doctor gives mends it`, async () => {
    assert.equal(await tables(), undefined)
    await asSuperuser(spoil)
    const ready = await server.request('GET', '/health/ready')
    assert.equal(ready.status, is_broken ? 503 : 200, ready.text)
    if (is_broken) {
      assert.equal(ready.body.database, 'tables not usable')
      assert.ok(Number(ready.headers.get('retry-after')) > 0)
      assert.doesNotMatch(ready.text, /auth\.users|alter|postgres/i)
    }
    const found = await tables()
    assert.match(found?.problem ?? '', is_broken ? /requests fail/ : /migrations will fail/)
    const statements = found?.statement ?? ''
    assert.match(statements, /^alter table /)
    await asSuperuser(statements)
    assert.equal((await server.request('GET', '/health/ready')).status, 200)
    assert.equal(await tables(), undefined)
    await asSuperuser('alter table auth.users enable row level security')
  })

test('a database that quotes all identifiers is migrated like any other, and again', async () => {
  const quoting = await testDatabase({ migrated: false })
  const admin = openPostgres({ url: quoting.admin_url, namespace: 'auth', max: 1 })
  try {
    await admin.script(
      `alter database ${new URL(quoting.url).pathname.slice(1)} set quote_all_identifiers = on; alter role supabase_auth_admin in database ${new URL(quoting.url).pathname.slice(1)} set quote_all_identifiers = on`,
    )
    const db = openPostgres({ url: quoting.url, namespace: 'auth', max: 1 })
    try {
      assert.deepEqual(await db.query('show quote_all_identifiers'), [{ quote_all_identifiers: 'on' }])
      await migrate(db, { namespace: 'auth' })
      await db.query('delete from postern.migrations')
      await migrate(db, { namespace: 'auth' })
      const definitions = (from: typeof db) =>
        from.query(
          `select conname, pg_get_constraintdef(oid) as definition from pg_constraint where connamespace = 'auth'::regnamespace order by 1`,
        )
      await db.query('select set_config($1, $2, false)', ['quote_all_identifiers', 'off'])
      const own = await definitions(db)
      assert.ok(own.length > 50)
    } finally {
      await db.close()
    }
    const again = await startTestServer({ database: quoting })
    try {
      const { user } = await again.user()
      assert.ok(user.id)
      assert.equal((await again.request('GET', '/health/ready')).status, 200)
    } finally {
      await again.close()
    }
  } finally {
    await admin.close()
    await quoting.drop()
  }
})
