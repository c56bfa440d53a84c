// Budgets of attempts, in the database: never more than there are, whoever asks at once, and never for good.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AuthError } from '../../src/errors.ts'
import {
  attemptBudgets,
  attemptSubject,
  type CountAttempt,
  mfaPhoneBudget,
  passwordBudget,
  spendAttempt,
} from '../../src/limits/attempt-budget.ts'
import { clearAttempts, countAttempt, giveBackAttempt } from '../../src/storage/attempts.ts'
import { testDatabase } from '../support/database.ts'

describe('budgets of attempts', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>
  before(async () => {
    database = await testDatabase()
  })
  after(() => database.drop())
  const count: CountAttempt = (...attempt) => countAttempt(database.db, ...attempt)
  const age = (scope: string, subject: string, seconds: number) =>
    database.db.query(
      `update postern.attempts set window_start = window_start - $3::float8 * interval '1 second'
        where scope = $1 and subject = $2`,
      [scope, subject, seconds],
    )

  test('of 20 attempts at once never more than the budget pass, in any of 50 rounds', async () => {
    for (let round = 0; round < 50; round++) {
      const attempts = await Promise.all(Array.from({ length: 20 }, () => count('race', `round ${round}`, 10, 3600)))
      assert.equal(attempts.filter(({ allowed }) => allowed).length, 10)
    }
  })

  test('at the end of a window, of 20 attempts at once exactly the next budget passes', async () => {
    await Promise.all(Array.from({ length: 10 }, () => count('race', 'window', 10, 60)))
    await age('race', 'window', 60)
    const attempts = await Promise.all(Array.from({ length: 20 }, () => count('race', 'window', 10, 60)))
    assert.equal(attempts.filter(({ allowed }) => allowed).length, 10)
  })

  test('the 101st wrong password of an hour is refused with Retry-After, and the hour ends for the owner', async () => {
    const subject = attemptSubject('authenticated', 'ada@example.test')
    for (let i = 0; i < 100; i++) await spendAttempt(count, passwordBudget, subject)
    const refused = await spendAttempt(count, passwordBudget, subject).catch((error: unknown) => error)
    assert(refused instanceof AuthError)
    assert.deepEqual([refused.status, refused.code], [429, 'over_request_rate_limit'])
    assert(Number(refused.details.retry_after) > 3500 && Number(refused.details.retry_after) <= 3600)
    await spendAttempt(count, passwordBudget, attemptSubject('authenticated', 'another@example.test'))
    // Refused attempts do not move the window.
    await age('password', subject, 3600)
    await spendAttempt(count, passwordBudget, subject)
  })

  test('a right secret gives back its own attempt only', async () => {
    for (let i = 0; i < 9; i++) await count('mfa_phone', 'shared', 10, 3600)
    for (let i = 0; i < 5; i++) {
      assert((await count('mfa_phone', 'shared', 10, 3600)).allowed)
      await giveBackAttempt(database.db, 'mfa_phone', 'shared')
    }
    assert((await count('mfa_phone', 'shared', 10, 3600)).allowed)
    assert(!(await count('mfa_phone', 'shared', 10, 3600)).allowed)
    await giveBackAttempt(database.db, 'mfa_phone', 'never counted')
  })

  test('scopes and subjects count apart, and a limit of 0 allows nothing', async () => {
    for (let i = 0; i < 10; i++) await spendAttempt(count, mfaPhoneBudget, 'factor')
    await assert.rejects(spendAttempt(count, mfaPhoneBudget, 'factor'))
    await spendAttempt(count, mfaPhoneBudget, 'another factor')
    assert((await count('another scope', 'factor', 10, 3600)).allowed)
    assert.deepEqual(await count('another scope', 'nobody', 0, 60), { allowed: false, retry_after_s: 60 })
  })

  test('attempts at a secret that is gone are forgotten, those of others are not', async () => {
    const rows = async (subject: string) =>
      (await database.db.query('select from postern.attempts where scope = $1 and subject = $2', ['code', subject]))
        .length
    for (const subject of ['used', 'current']) await count('code', subject, 10, 3600)
    await clearAttempts(database.db, 'code', 'used')
    assert.deepEqual([await rows('used'), await rows('current')], [0, 1])
  })

  test('no budget allows more than 100 attempts an hour, and none lasts longer than a day', () => {
    for (const { scope, limit, window_s } of attemptBudgets)
      assert(limit > 0 && limit <= 100 && window_s >= 3600 && window_s <= 86_400, scope)
    assert.equal(new Set(attemptBudgets.map(({ scope }) => scope)).size, attemptBudgets.length)
  })
})
