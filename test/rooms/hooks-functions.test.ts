// Hooks that are functions of the database: replies, errors, time limits, and where they run.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AuthError } from '../../src/errors.ts'
import { createHooks, type Hooks } from '../../src/hooks/hooks.ts'
import { callFunction } from '../../src/storage/call-function.ts'
import { DatabaseError, type Queryable } from '../../src/storage/db.ts'
import { testDatabase } from '../support/database.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
const attempt = { user_id: 'b7a9f7a4-0000-4000-8000-000000000001', valid: true }
const client_address = '192.0.2.7'

describe('hooks in the database', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>
  before(async () => {
    database = await testDatabase()
    await database.db.script('create schema hook_tests; create table hook_tests.told (event jsonb)')
  })
  after(() => database.drop())

  /** Hooks that call a new function with this body. */
  async function hooksWith(body: string): Promise<Hooks> {
    await database.db.script(`create or replace function hook_tests.asked(event jsonb) returns jsonb language plpgsql as
      $$ begin ${body} end $$`)
    const settings = { enabled: true, uri: 'pg-functions://postgres/hook_tests/asked', secrets: [] }
    return createHooks({
      config: { hooks: { before_user_created: settings, password_verification_attempt: settings } },
      fetch: () => assert.fail('nothing is called over HTTP'),
      log,
      now: Date.now,
      callFunction,
    })
  }
  const verdict = (hooks: Hooks, db: Queryable = database.db) =>
    hooks.run('password_verification_attempt', attempt, { client_address, db })
  const failure = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => assert.fail('it passed'),
      (reason: unknown) => reason,
    )
    assert(error instanceof AuthError, String(error))
    return error
  }
  const running = 'Error running hook URI: pg-functions://postgres/hook_tests/asked'

  test('a function is told the attempt and decides', async () => {
    const hooks = await hooksWith(`insert into hook_tests.told values (event); return '{"decision": "reject"}';`)
    assert.equal(hooks.enabled('password_verification_attempt'), 'postgres')
    assert.deepEqual(await verdict(hooks), { decision: 'reject', message: '', should_logout_user: false })
    const [row] = await database.db.query<{ event: { metadata: Record<string, string> } }>(
      'select event from hook_tests.told',
    )
    const { metadata, ...payload } = row?.event ?? assert.fail()
    assert.deepEqual(payload, attempt)
    assert.deepEqual([metadata.name, metadata.ip_address], ['password-verification', client_address])
  })

  test('null is no output, anything but an object is refused', async () => {
    assert.equal(await verdict(await hooksWith('return null;')), null)
    for (const reply of ['[]', '"text"', '5', '{"decision": "maybe"}']) {
      const { status, message } = await failure(verdict(await hooksWith(`return '${reply}';`)))
      assert.deepEqual([status, message], [500, 'Error unmarshaling JSON output.'], reply)
    }
  })

  test('an error object fails the request with its status', async () => {
    const hooks = await hooksWith(`return '{"error": {"http_code": 403, "message": "Not from that company"}}';`)
    const { status, code, message } = await failure(verdict(hooks))
    assert.deepEqual([status, code, message], [403, '', 'Not from that company'])
  })

  test('what a function raises goes along as the cause', async () => {
    const raised = await failure(verdict(await hooksWith(`raise exception 'refused' using hint = 'status 403';`)))
    assert.deepEqual([raised.status, raised.code, raised.message], [500, 'unexpected_failure', running])
    const { cause } = raised.details
    assert(cause instanceof DatabaseError)
    assert.deepEqual([cause.sqlstate, cause.message, cause.hint], ['P0001', 'refused', 'status 403'])
    const divided = await failure(verdict(await hooksWith(`perform 1 / 0; return '{}';`)))
    assert.equal(divided.message, running)
  })

  test('a verification that takes more than two seconds fails, and leaves the limit of others as it was', async () => {
    const slow = await hooksWith(`perform pg_sleep(30); return '{}';`)
    const started = performance.now()
    const { status, code, message } = await failure(verdict(slow))
    assert.deepEqual([status, code, message], [500, 'unexpected_failure', running])
    assert(performance.now() - started < 20_000)
    const quick = await hooksWith(`return '{}';`)
    const limits = await database.db.transaction(async (tx) => {
      const [earlier] = await tx.query('show statement_timeout')
      await verdict(quick, tx)
      return [earlier, (await tx.query('show statement_timeout'))[0]]
    })
    assert.deepEqual(limits[0], limits[1])
  })

  test('within a transaction a function sees and writes what the transaction does', async () => {
    const hooks = await hooksWith(`insert into hook_tests.told values ('"undone"'); return '{}';`)
    await assert.rejects(
      database.db.transaction(async (tx) => {
        await verdict(hooks, tx)
        throw new Error('rolled back')
      }),
    )
    assert.equal((await database.db.query(`select from hook_tests.told where event = '"undone"'`)).length, 0)
  })

  test('a function that does not exist fails the request, and only identifiers are called', async () => {
    const hooks = await hooksWith('return null;')
    await database.db.script('drop function hook_tests.asked(jsonb)')
    assert.equal((await failure(verdict(hooks))).message, running)
    await assert.rejects(callFunction(database.db, 'public', 'a"() --', {}, null), /no identifier/)
  })

  test('a hook in the database without a place to run in is a mistake of ours', async () => {
    const hooks = await hooksWith('return null;')
    await assert.rejects(hooks.run('before_user_created', { user: {} }, { client_address }), /place to run in/)
  })
})
