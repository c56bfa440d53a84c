// A database that fails over: DATABASE_URL names both hosts, and the server finds the one that can be written to by itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandEnvironment } from '../support/command.ts'
import { startServe, until } from '../support/process.ts'
import { startReplication } from '../support/replication.ts'
import { mint } from '../support/server.ts'

test('a primary that dies under load is followed to its promoted replica without a restart, and nothing acknowledged is lost', async (t) => {
  const pair = await startReplication()
  const server = await startServe({
    ...commandEnvironment(pair.url),
    GOTRUE_MAILER_AUTOCONFIRM: 'true',
    GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
    GOTRUE_RATE_LIMIT_HEADER: 'x-client',
  }).catch(async (error: unknown) => {
    await pair.stop()
    throw error
  })
  const acknowledged: string[] = []
  const failures = new Set<number>()
  let isOver = false
  let people = 0
  const signUp = async (): Promise<void> => {
    const n = ++people
    const answer = await fetch(`${server.url}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-client': `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` },
      body: '{}',
    })
    const body = Object(await answer.json())
    if (answer.status === 200) acknowledged.push(body.user.id)
    else {
      failures.add(answer.status)
      if (answer.status === 503) assert.ok(answer.headers.get('retry-after'))
    }
  }
  const caller = async (): Promise<void> => {
    while (!isOver) await signUp()
  }
  const callers = Array.from({ length: 4 }, caller)
  try {
    await until('accounts are made', () => acknowledged.length >= 20)
    const before = acknowledged.length
    await pair.failOver()
    const began = performance.now()
    await until('accounts are made again', () => acknowledged.length >= before + 20)
    const took_ms = Math.round(performance.now() - began)
    isOver = true
    await Promise.all(callers)
    t.diagnostic(`whole again ${took_ms} ms after the promotion`)
    const rows = await pair.replica.query<{ id: string }>('select id from auth.users')
    const stored = new Set(rows.map(({ id }) => id))
    assert.deepEqual(
      acknowledged.filter((id) => !stored.has(id)),
      [],
    )
    // An outage is told as one, and nothing else goes wrong.
    assert.deepEqual(
      [...failures].filter((status) => status !== 503),
      [],
    )
    assert.ok(took_ms < 30_000)
  } finally {
    isOver = true
    await Promise.allSettled(callers)
    await server.stop()
    await pair.stop()
  }
})

test('lists are read from a replica, and from the database itself once the replica is gone', async () => {
  const pair = await startReplication()
  const url = pair.url.replace(/,[^/]*/, '')
  const server = await startServe({
    ...commandEnvironment(url),
    POSTERN_DATABASE_REPLICA_URL: pair.replica_url,
    GOTRUE_MAILER_AUTOCONFIRM: 'true',
  }).catch(async (error: unknown) => {
    await pair.stop()
    throw error
  })
  const headers = { authorization: `Bearer ${mint({ role: 'service_role' })}`, 'content-type': 'application/json' }
  const emails = async (): Promise<string[]> => {
    const answer = await fetch(`${server.url}/admin/users`, { headers })
    const { users } = Object(await answer.json())
    return users.map(({ email }: { email: string }) => email)
  }
  const create = async (email: string) => {
    const answer = await fetch(`${server.url}/admin/users`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email }),
    })
    assert.equal(answer.status, 200)
  }
  try {
    await create('before@example.com')
    const copied = `select from auth.users where email = 'before@example.com'`
    await until('the replica has it', async () => (await pair.replica.query(copied).catch(() => [])).length === 1)
    assert.deepEqual(await emails(), ['before@example.com'])
    // A replica that stands still shows where lists are read.
    await pair.replica.query('select pg_wal_replay_pause()')
    await pair.primary.script('alter system set synchronous_standby_names to default')
    await pair.primary.query('select pg_reload_conf()')
    await create('after@example.com')
    assert.deepEqual(await emails(), ['before@example.com'])
    await pair.stopReplica()
    assert.deepEqual((await emails()).sort(), ['after@example.com', 'before@example.com'])
  } finally {
    await server.stop()
    await pair.stop()
  }
})
