// The pool over a PostgreSQL server that dies, hangs up or is full: what is repeated, and what is 503.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import type { Queryable } from '../../src/storage/db.ts'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { databaseOfThings, isUnavailable, pidOf } from '../support/pool.ts'

const { shared, withPool, terminate, relayTo } = await databaseOfThings()

describe('connections that die', () => {
  test('a pool whose idle connections the server has ended answers the next statements', async () => {
    for (let round = 0; round < 5; round++) {
      await withPool({ max: 4 }, async (db) => {
        const pids = await Promise.all([1, 2, 3, 4].map(() => pidOf(db)))
        assert.equal(new Set(pids).size, 4)
        await terminate(pids)
        await db.query('insert into auth.things values ($1, $2)', [1000 + round, 'after the end of the others'])
        const after = await db.transaction(pidOf)
        assert.ok(!pids.includes(after))
        await Promise.all([1, 2, 3, 4].map(() => pidOf(db)))
      })
    }
  })

  for (const [how, first] of [
    ['destroy', 3001],
    ['resetAndDestroy', 3011],
  ] as const) {
    test(`idle connections that break on use (${how}): what can be repeated is, a lone write is 503`, async () => {
      const relay = await relayTo(shared.url)
      await withPool({ url: relay.url, max: 3 }, async (db) => {
        const fill = () => Promise.all([1, 2, 3].map(() => pidOf(db)))
        const breakAll = async () => {
          await fill()
          relay.cutOpen(how)
        }
        await breakAll()
        assert.deepEqual(await db.query('select $1::int as one', [1]), [{ one: 1 }])
        await breakAll()
        const insert = (tx: Queryable, id: number) => tx.query('insert into auth.things values ($1)', [id])
        const answers = await db.transaction((tx) => Promise.all([pidOf(tx), insert(tx, first), insert(tx, first + 1)]))
        assert.ok(answers[0] > 0)
        await breakAll()
        await assert.rejects(insert(db, first + 2), isUnavailable)
        await fill()
        const stored = await db.query('select id from auth.things where id between $1 and $1 + 9 order by id', [first])
        assert.deepEqual(stored, [{ id: first }, { id: first + 1 }])
      })
    })
  }

  test('a transaction whose connection dies is 503, commits nothing and sends nothing more', async () => {
    await withPool({ max: 2 }, async (db) => {
      const later: unknown[] = []
      const failing = db.transaction(async (tx) => {
        await tx.query('insert into auth.things values (1)')
        await terminate([await pidOf(tx)])
        // Another request opens a connection in its place; ours must not slip onto it.
        await pidOf(db)
        await tx.query('insert into auth.things values (2)').catch((error: unknown) => later.push(error))
        await tx.query('insert into auth.things values (3)').catch((error: unknown) => later.push(error))
      })
      await assert.rejects(failing, isUnavailable)
      assert.deepEqual(later.map(isUnavailable), [true, true])
      assert.deepEqual(await db.query('select * from auth.things where id < 1000'), [])
    })
  })

  test('statements that wait behind one whose connection dies are not sent again outside of their transaction', async () => {
    await withPool({ max: 1 }, async (db) => {
      const failing = db.transaction(async (tx) => {
        const pid = await pidOf(tx)
        // Not prepared yet, so that the driver holds back what follows until the server has described it.
        const stuck = tx.query('select pg_sleep($1::float8)', [30])
        const behind = [4, 5].map((id) => tx.query('insert into auth.things values ($1::int)', [id]))
        await Promise.all([terminate([pid]), ...[stuck, ...behind].map((one) => assert.rejects(one, isUnavailable))])
      })
      await assert.rejects(failing, isUnavailable)
      assert.deepEqual(await db.query('select * from auth.things where id < 1000'), [])
    })
  })

  test('a server that accepts and hangs up is 503 within the time for connecting', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const db = openPostgres({ url: `postgres://u:p@127.0.0.1:${port}/d`, namespace: 'auth', connect_timeout_ms: 200 })
    const one = db.query('select 1')
    const other = db.transaction((tx) => Promise.all([tx.query('select 1'), tx.query('select 2')]))
    await Promise.all([one, other].map((failing) => assert.rejects(failing, isUnavailable)))
    await db.close(0)
    await new Promise((resolve) => server.close(resolve))
  })

  for (const [title, change, sqlstate] of [
    ['a wrong password', { password: 'wrong' }, '28P01'],
    ['a database that does not exist', { pathname: '/missing' }, '3D000'],
  ] as const) {
    test(`${title} is 503, with the reason in the cause`, async () => {
      const url = new URL(shared.url)
      Object.assign(url, change)
      await withPool({ url: url.href }, async (db) => {
        for (const fail of [() => db.query('select 1'), () => db.transaction((tx) => tx.query('select 1'))]) {
          await assert.rejects(fail, (error) => {
            assert.ok(isUnavailable(error))
            assert.equal(Reflect.get(Object((error as Error).cause), 'code'), sqlstate)
            return true
          })
        }
      })
    })
  }

  test('a connection that nobody listens to is 503', async () => {
    // A port that was free a moment ago may be another test's by now; this one nobody listens on.
    await withPool({ url: 'postgres://u:p@127.0.0.1:2/d' }, (db) => assert.rejects(db.query('select 1'), isUnavailable))
  })

  for (const [title, sqlstate] of [
    ['a full disk', '53100'],
    ['no memory', '53200'],
    ['no connection that is free', '53300'],
    ['a disk that fails', '58030'],
  ] as const)
    test(`${title} is 503: it passes, and is no fault of the request`, async () => {
      const fail = `do $$ begin raise exception 'no more' using errcode = '${sqlstate}'; end $$`
      await withPool({}, async (db) => {
        await assert.rejects(db.query(fail), isUnavailable)
        await assert.rejects(
          db.transaction((tx) => tx.query(fail)),
          isUnavailable,
        )
      })
    })
})
