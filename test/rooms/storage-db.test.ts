// The port to PostgreSQL: one suite over both drivers, then what only a server has: a pool, a wire, outages.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { AuthError } from '../../src/errors.ts'
import { DatabaseError, type Db, isUniqueViolation } from '../../src/storage/db.ts'
import { openPglite } from '../../src/storage/embedded/pglite.ts'
import { testDatabase } from '../support/database.ts'

const drivers: Record<string, () => Promise<{ db: Db; drop(): Promise<void> }>> = {
  PostgreSQL: () => testDatabase({ migrated: false }),
  PGlite: async () => {
    const db = await openPglite({ data_dir: undefined, namespace: 'auth' })
    return { db, drop: () => db.close() }
  },
}

/** Values by what they are sent as and what they are read as. */
const round_trips: { type: string; send: Parameters<Db['query']>[1]; read: unknown }[] = [
  { type: 'timestamptz', send: ['2026-01-02T03:04:05.600000Z'], read: '2026-01-02T03:04:05.6Z' },
  { type: 'timestamptz', send: ['2026-01-02 03:04:05.123456+02'], read: '2026-01-02T01:04:05.123456Z' },
  { type: 'timestamptz', send: ['2026-01-02T03:04:05Z'], read: '2026-01-02T03:04:05Z' },
  { type: 'timestamptz', send: ['infinity'], read: 'infinity' },
  { type: 'timestamp', send: ['2026-01-02 03:04:05.000001'], read: '2026-01-02T03:04:05.000001Z' },
  { type: 'date', send: ['2026-01-02'], read: '2026-01-02' },
  { type: 'int8', send: [9007199254740991], read: 9007199254740991 },
  { type: 'int8', send: [12n], read: 12 },
  { type: 'int4', send: [-1], read: -1 },
  { type: 'float8', send: [1.5], read: 1.5 },
  { type: 'bool', send: [true], read: true },
  { type: 'bool', send: [false], read: false },
  { type: 'text', send: ['a\\b"c\'d — ü 😀'], read: 'a\\b"c\'d — ü 😀' },
  { type: 'text', send: [5], read: '5' },
  { type: 'text', send: [null], read: null },
  { type: 'uuid', send: ['8F2B4C6E-0000-4000-8000-0123456789AB'], read: '8f2b4c6e-0000-4000-8000-0123456789ab' },
  { type: 'inet', send: ['2001:db8::1'], read: '2001:db8::1' },
  { type: 'bytea', send: [new Uint8Array([0, 1, 255])], read: new Uint8Array([0, 1, 255]) },
  { type: 'jsonb', send: [{ a: [1, { b: null }] }], read: { a: [1, { b: null }] } },
  { type: 'jsonb', send: [['x', 1]], read: ['x', 1] },
  { type: 'jsonb', send: [[]], read: [] },
  { type: 'jsonb', send: ['{"text": "taken as JSON"}'], read: { text: 'taken as JSON' } },
  { type: 'jsonb', send: [true], read: true },
  { type: 'jsonb', send: [null], read: null },
  { type: 'json', send: [{ b: 1, a: 2 }], read: { b: 1, a: 2 } },
  { type: 'text[]', send: [['a', 'b"\\,{}', '', 'NULL', null]], read: ['a', 'b"\\,{}', '', 'NULL', null] },
  { type: 'text[]', send: [[]], read: [] },
  { type: 'bool[]', send: [[true, false]], read: [true, false] },
  { type: 'int8[]', send: [[1, 2]], read: [1, 2] },
  {
    type: 'int4[]',
    send: [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    read: [
      [1, 2],
      [3, 4],
    ],
  },
  { type: 'uuid[]', send: [['8f2b4c6e-0000-4000-8000-0123456789ab']], read: ['8f2b4c6e-0000-4000-8000-0123456789ab'] },
  { type: 'jsonb[]', send: [[{ a: '"' }, 1]], read: [{ a: '"' }, 1] },
  { type: 'timestamptz[]', send: [['2026-01-02T03:04:05Z']], read: ['2026-01-02T03:04:05Z'] },
]

for (const [name, open] of Object.entries(drivers)) {
  describe(`the port over ${name}`, () => {
    let db: Db
    let drop: () => Promise<void>
    before(async () => {
      const opened = await open()
      db = opened.db
      drop = opened.drop
      await db.script(`create table auth.things (id int primary key, name text constraint things_name_key unique);
        create table auth.parts (thing_id int references auth.things (id) deferrable initially deferred)`)
    })
    after(() => drop())
    const count = async () => (await db.query<{ n: number }>('select count(*) as n from auth.things'))[0]?.n

    for (const { type, send, read } of round_trips) {
      const shown = JSON.stringify(read instanceof Uint8Array ? [...read] : read)
      test(`a ${type} comes back as ${shown}`, async () => {
        // Twice, since the second time the statement has been prepared.
        for (let time = 0; time < 2; time++) {
          assert.deepEqual(await db.query(`select $1::${type} as value`, send), [{ value: read }])
        }
      })
    }

    test('lists go into arrays of types that an application made', async () => {
      await db.script(`create type auth.mood as enum ('fine', 'so "so"')`)
      const [row] = await db.query('select $1::auth.mood[]::text[] as value', [['fine', 'so "so"']])
      assert.deepEqual(row, { value: ['fine', 'so "so"'] })
    })

    test('times are read in UTC with microseconds and without trailing zeros', async () => {
      const [row] = await db.query<{ now: string }>(`select now(), current_setting('timezone') as zone`)
      assert.match(row?.now ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/)
    })

    test('an undefined parameter is refused before anything is sent', async () => {
      const params = [undefined] as unknown as string[]
      await assert.rejects(db.query('select $1::text', params), TypeError)
      assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
    })

    test('a parameter that JSON cannot hold fails alone, among statements that are under way', async () => {
      const circular: Record<string, unknown> = {}
      circular.self = circular
      const results = await db.transaction((tx) =>
        Promise.allSettled([
          tx.query('select $1::int as a', [1]),
          tx.query('select $1::jsonb as b', [circular]),
          tx.query('select $1::int as a', [3]),
        ]),
      )
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      assert.deepEqual(await db.query('select $1::int as a', [4]), [{ a: 4 }])
    })

    test('a violated constraint is an error with its SQLSTATE, name and detail', async () => {
      await db.query(`insert into auth.things values (1, 'one')`)
      await assert.rejects(db.query(`insert into auth.things values (2, 'one')`), (error) => {
        assert.equal(isUniqueViolation(error, 'things_pkey'), false)
        assert.ok(isUniqueViolation(error, 'things_name_key'))
        assert.equal(error.detail, 'Key (name)=(one) already exists.')
        return true
      })
    })

    test('an error that SQL raises keeps its SQLSTATE, message and hint', async () => {
      const raise = `do $$ begin raise sqlstate 'PT402' using message = 'pay first', hint = 'money'; end $$`
      await assert.rejects(db.query(raise), {
        name: 'DatabaseError',
        sqlstate: 'PT402',
        message: 'pay first',
        hint: 'money',
      })
    })

    test('a cancelled statement is 504 request_timeout', async () => {
      const cancelled = `do $$ begin raise sqlstate '57014'; end $$`
      await assert.rejects(db.query(cancelled), { name: 'AuthError', status: 504, code: 'request_timeout' })
    })

    for (const sqlstate of ['25006', '55P03', '53300', '40001', '40P01', '57P03', '08006']) {
      test(`SQLSTATE ${sqlstate} is 503 with Retry-After`, async () => {
        await assert.rejects(db.query(`do $$ begin raise sqlstate '${sqlstate}'; end $$`), (error) => {
          assert.ok(error instanceof AuthError)
          assert.equal(error.status, 503)
          assert.equal(error.details.retry_after, 5)
          assert.ok(error.cause instanceof DatabaseError && error.cause.sqlstate === sqlstate)
          return true
        })
      })
    }

    test('a transaction commits and gives what its work gave', async () => {
      const result = await db.transaction(async (tx) => {
        await tx.query(`insert into auth.things values (10, 'ten')`)
        return 'done'
      })
      assert.equal(result, 'done')
      assert.equal((await db.query('select from auth.things where id = 10')).length, 1)
    })

    test('a transaction whose work throws leaves nothing behind and throws the same error', async () => {
      const before = await count()
      const fault = new Error('the work failed')
      const failing = db.transaction(async (tx) => {
        await tx.query(`insert into auth.things values (20, 'twenty')`)
        throw fault
      })
      await assert.rejects(failing, (error) => error === fault)
      assert.equal(await count(), before)
    })

    test('a transaction whose work throws before any statement, or with one under way, leaves the pool usable', async () => {
      const before = await count()
      for (let time = 0; time < 30; time++) {
        await assert.rejects(
          db.transaction(() => Promise.reject(new Error('at once'))),
          /at once/,
        )
        const failing = db.transaction((tx) => {
          void tx.query(`insert into auth.things values (21, 'under way')`).catch(() => {})
          throw new Error('in between')
        })
        await assert.rejects(failing, /in between/)
      }
      assert.equal(await count(), before)
    })

    test('a transaction that overlooks a failed statement is not reported as committed', async () => {
      const before = await count()
      const overlooking = db.transaction(async (tx) => {
        await tx.query(`insert into auth.things values (30, 'thirty')`)
        await tx.query('select 1 / 0').catch(() => {})
        return 'fine'
      })
      await assert.rejects(overlooking, { name: 'DatabaseError', sqlstate: '22012' })
      assert.equal(await count(), before)
    })

    test('a failed statement that a savepoint contains lets the transaction commit', async () => {
      await db.transaction(async (tx) => {
        await tx.query('savepoint before')
        await tx.query('select 1 / 0').catch(() => {})
        await tx.query('rollback to savepoint before')
        await tx.query(`insert into auth.things values (40, 'forty')`)
      })
      assert.equal((await db.query('select from auth.things where id = 40')).length, 1)
    })

    test('a constraint that fails at COMMIT fails the transaction', async () => {
      const failing = db.transaction((tx) => tx.query('insert into auth.parts values (999)'))
      await assert.rejects(failing, { name: 'DatabaseError', sqlstate: '23503' })
      assert.deepEqual(await db.query('select * from auth.parts'), [])
    })

    test('a statement after the end of its transaction is refused', async () => {
      let kept: Parameters<Parameters<Db['transaction']>[0]>[0] | undefined
      await db.transaction(async (tx) => {
        kept = tx
        await tx.query('select 1')
      })
      await assert.rejects(async () => kept?.query(`insert into auth.things values (50, 'late')`), /had ended/)
      assert.equal((await db.query('select from auth.things where id = 50')).length, 0)
    })

    test('statements that are started together answer in order', async () => {
      const answers = await db.transaction((tx) =>
        Promise.all([1, 2, 3, 4, 5].map((n) => tx.query<{ n: number }>('select $1::int as n', [n]))),
      )
      assert.deepEqual(
        answers.flat().map(({ n }) => n),
        [1, 2, 3, 4, 5],
      )
    })

    test('transactions that run at once do not see each other', async () => {
      const add = (id: number) =>
        db.transaction(async (tx) => {
          const [row] = await tx.query<{ n: number }>('select count(*) as n from auth.things where id >= 100')
          await tx.query('insert into auth.things values ($1, $2)', [id, `at once ${id}`])
          const [later] = await tx.query<{ n: number }>('select count(*) as n from auth.things where id = $1', [id])
          return [row?.n !== undefined, later?.n]
        })
      const results = await Promise.all([100, 101, 102, 103].map(add))
      assert.deepEqual(results, Array(4).fill([true, 1]))
    })

    test('a script that fails inside its own transaction leaves none open', async () => {
      const text = `begin; insert into auth.things values (60, 'sixty'); select 1 / 0; commit;`
      await assert.rejects(db.script(text), { name: 'DatabaseError', sqlstate: '22012' })
      assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
      assert.equal((await db.query('select from auth.things where id = 60')).length, 0)
    })
  })
}

test('statements name another schema where the namespace is another', async () => {
  const db = await openPglite({ data_dir: undefined, namespace: 'other"s' })
  await db.script(`create schema "other""s"; create table auth.things (id int)`)
  await db.query('insert into auth.things values (1)')
  assert.deepEqual(
    await db.query(`select table_schema as s from information_schema.tables where table_name = 'things'`),
    [{ s: 'other"s' }],
  )
  await db.close()
})

test('a folder of PGlite that is open cannot be opened again, and can be once it is closed', async () => {
  const data_dir = mkdtempSync(join(tmpdir(), 'postern-pglite-'))
  const db = await openPglite({ data_dir, namespace: 'auth' })
  await db.script('create table auth.things (id int); insert into auth.things values (1)')
  await assert.rejects(openPglite({ data_dir, namespace: 'auth' }), new RegExp(`in use by process ${process.pid}`))
  await db.close()
  const again = await openPglite({ data_dir, namespace: 'auth' })
  assert.deepEqual(await again.query('select * from auth.things'), [{ id: 1 }])
  await again.close()
  rmSync(data_dir, { recursive: true })
})
