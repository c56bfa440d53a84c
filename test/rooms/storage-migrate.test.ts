// Migrations lead from nothing, and from any older version, to the recorded schema, and lose nothing.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { answeredSchema, recordedSchema } from '../support/schema-recording.ts'

const folder = new URL('../fixtures/older-schemas/', import.meta.url)
const golden = await recordedSchema()
const options = { namespace: 'auth' }
const id = '3f1c6a52-4a3e-4cf5-9a1b-0d2f7f6f0001'

/** Runs work on an empty database; answers are read as the superuser, whose search_path names nothing of auth. */
async function withDatabase(work: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await testDatabase({ migrated: false })
  try {
    await work(database)
  } finally {
    await database.drop()
  }
}

async function assertRecorded(database: TestDatabase): Promise<void> {
  const admin = openPostgres({ url: database.admin_url, namespace: 'auth', max: 1 })
  try {
    assert.deepEqual(await answeredSchema(admin), golden)
  } finally {
    await admin.close()
  }
}

test('an empty database gets the recorded schema', () =>
  withDatabase(async (database) => {
    await migrate(database.db, options)
    await assertRecorded(database)
  }))

test('a second run changes nothing and costs one query', () =>
  withDatabase(async (database) => {
    await migrate(database.db, options)
    let trips = 0
    const counting = openPostgres({ url: database.url, namespace: 'auth', max: 1, onRoundTrip: () => void trips++ })
    await counting.query('select 1')
    trips = 0
    await migrate(counting, options)
    assert.equal(trips, 1)
    await counting.close()
  }))

test('four servers that start at once all succeed', () =>
  withDatabase(async (database) => {
    const pools = Array.from({ length: 4 }, () => openPostgres({ url: database.url, namespace: 'auth', max: 1 }))
    await Promise.all(pools.map((pool) => migrate(pool, options)))
    await Promise.all(pools.map((pool) => pool.close()))
    await assertRecorded(database)
  }))

test('applied again over itself, every step converges', () =>
  withDatabase(async (database) => {
    await migrate(database.db, options)
    await database.db.query('delete from postern.migrations')
    await migrate(database.db, options)
    await assertRecorded(database)
  }))

for (const file of (await readdir(folder)).sort())
  test(`version ${file.replace('.sql', '')} is brought up to date and keeps its rows`, () =>
    withDatabase(async (database) => {
      const { db } = database
      const dump = (await readFile(new URL(file, folder), 'utf8')).replace('CREATE SCHEMA auth;', '')
      await db.script(dump)
      await db.query(
        `insert into auth.users (id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data, created_at)
          values ('${id}', 'authenticated', 'authenticated', 'ada@example.com', 'a hash', '{"provider":"email"}', '{"name":"Ada"}', '2020-01-02')`,
      )
      const confirmed = file === '00.sql' ? 'confirmed_at' : 'email_confirmed_at'
      await db.query(`update auth.users set ${confirmed} = '2020-01-03' where id = '${id}'`)
      await db.query(
        `insert into auth.refresh_tokens (token, user_id, revoked) values ('storedtoken1', '${id}', false)`,
      )
      await db.script(`create table auth.mine (id int); alter table auth.users add column mine text;
        create index mine_idx on auth.users (mine); update auth.users set mine = 'kept';`)
      await migrate(db, options)
      const [user] = await db.query(
        `select email, encrypted_password, raw_user_meta_data, email_confirmed_at, confirmed_at, mine, is_anonymous from auth.users`,
      )
      assert.deepEqual(user, {
        email: 'ada@example.com',
        encrypted_password: 'a hash',
        raw_user_meta_data: { name: 'Ada' },
        email_confirmed_at: '2020-01-03T00:00:00Z',
        confirmed_at: '2020-01-03T00:00:00Z',
        mine: 'kept',
        is_anonymous: false,
      })
      assert.deepEqual(await db.query('select provider, provider_id, user_id, email from auth.identities'), [
        { provider: 'email', provider_id: id, user_id: id, email: 'ada@example.com' },
      ])
      assert.equal((await db.query("select 1 from auth.refresh_tokens where token = 'storedtoken1'")).length, 1)
      assert.equal((await db.query("select 1 from pg_indexes where indexname = 'mine_idx'")).length, 1)
      await db.script('drop index auth.mine_idx; alter table auth.users drop column mine; drop table auth.mine;')
      await assertRecorded(database)
    }))

test('another schema may stand for auth', () =>
  withDatabase(async ({ db, url }) => {
    await migrate(db, { namespace: 'people' })
    const there = openPostgres({ url, namespace: 'people', max: 1 })
    assert.deepEqual(await there.query('select email from auth.users'), [])
    assert.deepEqual(await there.query("select 1 from information_schema.tables where table_schema = 'auth'"), [])
    await there.close()
  }))

test('a role without rights is told what to grant', () =>
  withDatabase(async ({ db, url, admin_url }) => {
    const admin = openPostgres({ url: admin_url, namespace: 'auth', max: 1 })
    const name = new URL(url).pathname.slice(1)
    await admin.query(`revoke create on database ${name} from supabase_auth_admin`)
    await assert.rejects(migrate(db, options), /grant create on database/)
    await admin.close()
  }))

test('nothing in schema postern is granted to anybody', () =>
  withDatabase(async ({ db }) => {
    await migrate(db, options)
    assert.deepEqual(
      await db.query(
        `select grantee from information_schema.role_table_grants where table_schema = 'postern' and grantee <> 'supabase_auth_admin'`,
      ),
      [],
    )
    await db.script('drop schema postern cascade')
    assert.equal((await db.query('select 1 from auth.schema_migrations limit 1')).length, 1)
  }))
