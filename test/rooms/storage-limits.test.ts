// How many connections there are, how many may wait for one, and how long a transaction may hold one idle.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AuthError } from '../../src/errors.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { isUnavailable, pidOf, poolsOn } from '../support/pool.ts'
import { until } from '../support/process.ts'

let shared: TestDatabase

before(async () => {
  shared = await testDatabase({ migrated: false })
})
after(() => shared.drop())

const withPool = poolsOn(() => shared)

test('a thousand statements wait for a connection, and one more is 503 with Retry-After at once', async () => {
  await withPool({ max: 1, wait_ms: 90_000 }, async (db) => {
    const [taken, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const hold = db.transaction(async (tx) => {
      await pidOf(tx)
      taken.resolve()
      await over.promise
    })
    await taken.promise
    const waiting = Array.from({ length: 1000 }, () => db.transaction(pidOf))
    await until('all wait', async () => db.state?.().waiting === 1000)
    await assert.rejects(db.transaction(pidOf), (error) => {
      assert.ok(isUnavailable(error))
      return error instanceof AuthError && error.details.retry_after !== undefined
    })
    over.resolve()
    await hold
    assert.equal(new Set(await Promise.all(waiting)).size, 1)
  })
})

test('a percentage sizes the pool by the connections of the server, two at least', async () => {
  const [{ most } = { most: 0 }] = await shared.db.query<{ most: number }>(
    `select current_setting('max_connections')::int as most`,
  )
  const expected: [percentage: number, size: number][] = [
    [10, Math.floor(most / 10)],
    [0.1, 2],
  ]
  for (const [percentage, size] of expected)
    await withPool({ percentage, max: 5 }, async (db) => {
      assert.equal(db.state?.().most, 5, 'until the server has said')
      await Promise.all(Array.from({ length: 5 }, () => db.transaction(pidOf)))
      await pidOf(db)
      await until('it is sized', async () => db.state?.().most === size)
      await Promise.all(Array.from({ length: 20 }, () => db.transaction(pidOf)))
      await until('those over it are closed', async () => (db.state?.().open ?? 99) <= size)
    })
})

test('a transaction that stands still is ended by the server, with its locks', async () => {
  await shared.db.script('create table auth.held (id int primary key); insert into auth.held values (1)')
  await withPool({ idle_in_transaction_ms: 100 }, async (db) => {
    const stuck = db.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>(
        'select pg_backend_pid() as pid from auth.held where id = 1 for update',
      )
      await until('the server has ended it', async () => {
        const found = await shared.db.query('select from pg_stat_activity where pid = $1', [row?.pid ?? 0])
        return found.length === 0
      })
      await tx.query('select 1')
    })
    await assert.rejects(stuck)
    assert.deepEqual(await db.query('select id from auth.held for update nowait'), [{ id: 1 }])
  })
})

test('thirty seconds are what a transaction may stand still', async () => {
  await withPool({}, async (db) => {
    const rows = await db.query(`select current_setting('idle_in_transaction_session_timeout') as time`)
    assert.deepEqual(rows, [{ time: '30s' }])
  })
})
