// Servers on one database find each other and count limits together, without configuration.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { announceInstance, forgetInstance } from '../../src/storage/instances.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let database: TestDatabase

before(async () => {
  database = await testDatabase()
})
after(() => database.drop())

const recover = (server: TestServer) =>
  server.request('POST', '/recover', { body: { email: 'nobody@example.com' }, address: '192.0.2.7' })

test('RTL-04 a server alone counts in memory, two count together from the first request of the second', async () => {
  // One in five minutes: none comes back while this counts, however slow the machine.
  const env = { GOTRUE_RATE_LIMIT_OTP: '1' }
  const first = await startTestServer({ database, env })
  const kept = () => database.db.query('select key from postern.rate_limits')
  assert.equal((await recover(first)).status, 200)
  assert.deepEqual(await kept(), [], 'alone: nothing in the database')
  const second = await startTestServer({ database, env, mail: first.mail })
  try {
    const answers = []
    for (let i = 0; i < 31; i++) answers.push(await recover(second))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [...Array(30).fill(200), 429],
    )
    assert.ok(Number(answers.at(-1)?.headers.get('retry-after')) > 0)
    const keys = (await kept()).map(({ key }) => key)
    assert.deepEqual(keys.sort(), ['mail', 'recover:192.0.2.7'], 'together: in the database')
    const third = await startTestServer({ database, env, mail: first.mail })
    assert.equal((await recover(third)).status, 429, 'a further server starts with what the others have counted')
    await third.close()
  } finally {
    await second.close()
    await first.close()
  }
  assert.deepEqual(await database.db.query('select id from postern.instances'), [], 'who leaves is forgotten')
})

test('a server that gave no sign for a minute is gone, and one that comes back counts again', async () => {
  const [one, two] = [randomUUID(), randomUUID()]
  assert.equal(await announceInstance(database.db, one), 0)
  assert.equal(await announceInstance(database.db, two), 1)
  await database.db.query(`update postern.instances set seen_at = now() - interval '61 seconds' where id = $1`, [one])
  assert.equal(await announceInstance(database.db, two), 0)
  assert.deepEqual(await database.db.query('select id from postern.instances'), [{ id: two }])
  assert.equal(await announceInstance(database.db, one), 1)
  await forgetInstance(database.db, one)
  await forgetInstance(database.db, two)
})
