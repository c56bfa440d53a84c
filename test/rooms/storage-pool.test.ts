// The pool over a PostgreSQL server: what goes over the wire, whom it keeps waiting, and what a session is set to.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DatabaseError, type Db, type Queryable } from '../../src/storage/db.ts'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { databaseOfThings, isUnavailable, pidOf } from '../support/pool.ts'

const { shared, withPool, asAdmin, terminate, relayTo } = await databaseOfThings()

describe('round trips', () => {
  const select = (tx: Queryable, n: number) => tx.query('select $1::int as n', [n])
  const budgets: { title: string; trips: number; work: (db: Db) => Promise<unknown> }[] = [
    { title: 'a statement takes 1', trips: 1, work: (db) => select(db, 1) },
    {
      title: 'two statements one after the other take 2',
      trips: 2,
      work: (db) => select(db, 1).then(() => select(db, 2)),
    },
    { title: 'a transaction of one statement takes 2', trips: 2, work: (db) => db.transaction((tx) => select(tx, 1)) },
    {
      title: 'a transaction of three statements that are started together takes 2',
      trips: 2,
      work: (db) => db.transaction((tx) => Promise.all([1, 2, 3].map((n) => select(tx, n)))),
    },
    {
      title: 'a transaction of two statements one after the other takes 3',
      trips: 3,
      work: (db) => db.transaction((tx) => select(tx, 1).then(() => select(tx, 2))),
    },
    { title: 'a transaction without statements takes none', trips: 0, work: (db) => db.transaction(async () => {}) },
    {
      title: 'a transaction that is rolled back takes 2',
      trips: 2,
      work: (db) => db.transaction((tx) => select(tx, 1).then(() => Promise.reject(new Error('no')))).catch(() => {}),
    },
  ]
  for (const { title, trips, work } of budgets) {
    test(`${title}, on the wire as in the count`, async () => {
      const relay = await relayTo(shared.url)
      let counted = 0
      const count = () => {
        counted++
      }
      await withPool({ url: relay.url, max: 1, onRoundTrip: count }, async (db) => {
        await work(db)
        await select(db, 0)
        const turns_before = relay.turns()
        counted = 0
        await work(db)
        assert.equal(counted, trips)
        assert.equal(relay.turns() - turns_before, trips)
      })
    })
  }
})

describe('limits', () => {
  test('who finds no free connection in time gets 503, and the next ones are served', async () => {
    await withPool({ max: 1, wait_ms: 50 }, async (db) => {
      await db.transaction(async (tx) => {
        await tx.query('select 1')
        await assert.rejects(db.query('select 1'), isUnavailable)
      })
      assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
    })
  })

  test('reads share busy connections, and a transaction still gets its turn', async () => {
    await withPool({ max: 1, wait_ms: 60_000 }, async (db) => {
      const slow = db.query('select pg_sleep(0.05)')
      const reads = Promise.all([1, 2, 3].map((n) => db.query('select $1::int as n', [n])))
      const turn = db.transaction(pidOf)
      const late = db.query('select 4 as n')
      assert.deepEqual(await reads, [[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]])
      assert.ok((await turn) > 0)
      assert.deepEqual(await late, [{ n: 4 }])
      await slow
    })
  })

  test('look-ups of one moment go over one connection, at most eight, and those of another moment over any', async () => {
    const lookup = (db: Db) => db.lookup<{ pid: number }>('select pg_backend_pid() as pid').then(([row]) => row?.pid)
    await withPool({ max: 4, lock_timeout_ms: 60_000 }, async (db) => {
      const together = async (number: number) =>
        new Set(await Promise.all(Array.from({ length: number }, () => lookup(db))))
      await Promise.all([1, 2, 3, 4].map(() => db.transaction(pidOf)))
      assert.equal((await together(8)).size, 1)
      assert.equal((await together(9)).size, 2)
      await shared.db.transaction(async (tx) => {
        await tx.query('select pg_advisory_lock(1)')
        let hasWaited = false
        const waiting = db.lookup('select pg_advisory_xact_lock_shared(1)').then(() => {
          hasWaited = true
        })
        // Should nobody come past it, it fails by lock_timeout.
        waiting.catch(() => {})
        await new Promise((turn) => setImmediate(turn))
        await lookup(db)
        assert.equal(hasWaited, false, 'who comes later does not wait behind it')
        await tx.query('select pg_advisory_unlock(1)')
        return waiting
      })
    })
  })

  test('many requests share few connections', async () => {
    await withPool({ max: 3 }, async (db) => {
      const pids = await Promise.all(Array.from({ length: 60 }, () => db.transaction(pidOf)))
      assert.equal(pids.length, 60)
      assert.equal(new Set(pids).size, 3)
    })
  })

  test('a lock that is held too long is 503', async () => {
    await withPool({ max: 2, lock_timeout_ms: 50 }, async (db) => {
      await db.transaction(async (tx) => {
        await tx.query('lock table auth.things in access exclusive mode')
        await assert.rejects(db.query('select * from auth.things'), isUnavailable)
      })
    })
  })

  test('a statement that runs too long is 504', async () => {
    await withPool({ statement_timeout_ms: 50 }, (db) =>
      assert.rejects(db.query('select pg_sleep(30)'), { name: 'AuthError', status: 504, code: 'request_timeout' }),
    )
  })

  test('two transactions that wait for each other: one is 503, the other commits', async () => {
    await shared.db.query('insert into auth.things values (2001), (2002)')
    const meet = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    const change = (first: number, second: number, own: 0 | 1) =>
      shared.db.transaction(async (tx) => {
        await tx.query('update auth.things set name = $2 where id = $1', [first, 'x'])
        meet[own].resolve()
        await Promise.all(meet.map(({ promise }) => promise))
        await tx.query('update auth.things set name = $2 where id = $1', [second, 'x'])
      })
    const results = await Promise.allSettled([change(2001, 2002, 0), change(2002, 2001, 1)])
    const refused = results.filter((result) => result.status === 'rejected')
    assert.equal(refused.length, 1)
    assert.ok(isUnavailable(refused[0]?.reason))
  })

  test('a connection that has been idle for long is closed', async () => {
    await withPool({ idle_ms: 20 }, async (db) => {
      const pid = await pidOf(db)
      await asAdmin(async (admin) => {
        let sessions = [{}]
        while (sessions.length > 0) sessions = await admin.query('select from pg_stat_activity where pid = $1', [pid])
      })
      assert.notEqual(await pidOf(db), pid)
    })
  })

  test('a connection that is too old is replaced between requests, not within a transaction', async () => {
    await withPool({ max: 1, max_lifetime_ms: 1 }, async (db) => {
      const within = await db.transaction(async (tx) => [await pidOf(tx), await pidOf(tx)])
      assert.equal(within[0], within[1])
      assert.notEqual(await pidOf(db), within[0])
    })
  })

  test('closing waits for what runs and refuses what comes', async () => {
    const db = openPostgres({ url: shared.url, namespace: 'auth' })
    const running = db.query('select pg_sleep(0.1)::text as slept')
    await db.query('select 1')
    const closing = db.close()
    await assert.rejects(db.query('select 1'), isUnavailable)
    assert.deepEqual(await running, [{ slept: '' }])
    await closing
  })

  test('closing cuts off what outlasts its grace', async () => {
    const db = openPostgres({ url: shared.url, namespace: 'auth' })
    const pid = await pidOf(db)
    const running = assert.rejects(db.query('select pg_sleep(30)'), isUnavailable)
    await db.close(20)
    await running
    await terminate([pid])
  })
})

describe('sessions', () => {
  const show = (db: Db, name: string) => db.query(`select current_setting($1) as value`, [name])

  test('a session is in UTC, has a lock timeout and a name, whatever the role has set', async () => {
    await withPool({}, async (db) => {
      await db.query(
        `alter role current_user in database ${new URL(shared.url).pathname.slice(1)} set timezone = 'Asia/Tokyo'`,
      )
    })
    await withPool({ lock_timeout_ms: 1234, statement_timeout_ms: 4321 }, async (db) => {
      assert.deepEqual(await show(db, 'timezone'), [{ value: 'UTC' }])
      assert.deepEqual(await show(db, 'lock_timeout'), [{ value: '1234ms' }])
      assert.deepEqual(await show(db, 'statement_timeout'), [{ value: '4321ms' }])
      assert.deepEqual(await show(db, 'application_name'), [{ value: 'postern' }])
    })
  })

  test('without prepared statements nothing stays in the session, and nothing is set that a pooler refuses', async () => {
    await withPool({ prepare: false, max: 1, lock_timeout_ms: 1234 }, async (db) => {
      await db.query('select $1::jsonb as a, $2::text[] as b', [{ a: 1 }, ['b']])
      await db.transaction((tx) => Promise.all([1, 2].map((n) => tx.query('select $1::int as n', [n]))))
      assert.deepEqual(await db.query('select name from pg_prepared_statements'), [])
      assert.deepEqual(await show(db, 'lock_timeout'), [{ value: '0' }])
    })
  })

  test('settings in the URL hold, and those for other drivers are ignored', async () => {
    const url = new URL(shared.url)
    url.search = '?search_path=auth,public&options=-c%20work_mem%3D5MB&pool_max_conns=4&sslmode=prefer&unknown=1'
    await withPool({ url: url.href }, async (db) => {
      assert.deepEqual(await show(db, 'search_path'), [{ value: 'auth,public' }])
      assert.deepEqual(await show(db, 'work_mem'), [{ value: '5MB' }])
    })
  })

  test('sslmode=require refuses a server without TLS', async () => {
    const url = new URL(shared.url)
    url.search = '?sslmode=require'
    await withPool({ url: url.href, connect_timeout_ms: 500 }, (db) =>
      assert.rejects(db.query('select 1'), isUnavailable),
    )
  })

  test('a table that changes under prepared statements fails one transaction at most', async () => {
    await withPool({ max: 1 }, async (db) => {
      await db.script('create table auth.growing (id int)')
      const read = (tx: Queryable) => tx.query('select * from auth.growing where id > $1', [0])
      await read(db)
      await db.script('alter table auth.growing add column name text')
      await db.transaction(read).catch((error: unknown) => assert.ok(error instanceof DatabaseError))
      await db.transaction(read)
      await db.script('alter table auth.growing add column more text')
      await read(db)
    })
  })
})
