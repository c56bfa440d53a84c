// The embedded PostgreSQL: started, stopped, shared by nobody, found again after a kill.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { askDatabase, embeddedProcesses, endElsewhere, postmasterOf } from '../support/embedded-process.ts'
import { ownPort } from '../support/own-port.ts'
import { until } from '../support/process.ts'

const { newFolder, start, startElsewhere } = embeddedProcesses()

/** Whether a process runs; one that has ended and waits for its parent has no command. */
const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    return false
  }
}

/** Awaits the end of a process that isn't our child. */
async function gone(pid: number): Promise<void> {
  while (runs(pid)) await new Promise((resolve) => setImmediate(resolve))
}

test('a database is made once, is there at the next start on the same port, and stops', async () => {
  const state_dir = newFolder()
  const first = await start(state_dir, await ownPort())
  const pid = postmasterOf(state_dir)
  await askDatabase(first.url, 'create table auth.kept as select 7 as value')
  await first.stop()
  assert.equal(runs(pid), false)
  const second = await start(state_dir)
  assert.equal(second.url, first.url)
  assert.deepEqual(await askDatabase(second.url, 'select value from auth.kept'), { value: 7 })
  await second.stop()
})

test('the database has the roles, the schema and the safety that an application counts on', async () => {
  const state_dir = newFolder()
  const server = await start(state_dir)
  const roles = `select string_agg(rolname || ':' || rolcanlogin || rolcreaterole || rolinherit || rolbypassrls, ' ' order by rolname) as roles
    from pg_roles where rolname !~ '^pg_' and rolname <> 'postgres'`
  assert.deepEqual(await askDatabase(server.admin_url, roles), {
    roles:
      'anon:falsefalsefalsefalse authenticated:falsefalsefalsefalse service_role:falsefalsefalsetrue supabase_auth_admin:truetruefalsefalse',
  })
  const session = `select current_user as who, current_setting('search_path') as path, current_setting('fsync') as fsync,
    current_setting('server_version_num')::int / 10000 as version, current_setting('listen_addresses') as listens,
    (select nspowner::regrole::text from pg_namespace where nspname = 'auth') as owner,
    has_database_privilege(current_database(), 'create') as may_create`
  assert.deepEqual(await askDatabase(server.url, session), {
    who: 'supabase_auth_admin',
    path: 'auth',
    fsync: 'on',
    version: 18,
    listens: '127.0.0.1',
    owner: 'supabase_auth_admin',
    may_create: true,
  })
  const stranger = new URL(server.url)
  stranger.password = 'guess'
  await assert.rejects(askDatabase(stranger.href, 'select 1'), { status: 503 })
  assert.equal(lstatSync(join(state_dir, 'postgres.json')).mode & 0o777, 0o600)
  await server.stop()
})

test('a port that somebody else has taken meanwhile is replaced, and a given one is used', async () => {
  const state_dir = newFolder()
  const port = await ownPort()
  const first = await start(state_dir, port)
  await first.stop()
  const occupant = createServer()
  await new Promise<void>((resolve) => occupant.listen(port, '127.0.0.1', resolve))
  const second = await start(state_dir)
  assert.notEqual(new URL(second.url).port, String(port))
  await second.stop()
  await new Promise((resolve) => occupant.close(resolve))
  const third = await start(state_dir, port)
  assert.equal(new URL(third.url).port, String(port))
  await third.stop()
})

test('a pool gets 503 while the server is stopped, and works once it is back', async () => {
  const state_dir = newFolder()
  const first = await start(state_dir, await ownPort())
  const db = openPostgres({ url: first.url, namespace: 'auth' })
  await Promise.all([1, 2, 3].map(() => db.query('select 1')))
  await first.stop()
  await assert.rejects(db.query('select 1'), { name: 'AuthError', status: 503 })
  const writing = db.transaction((tx) => tx.query('select 1'))
  await assert.rejects(writing, { name: 'AuthError', status: 503 })
  const second = await start(state_dir)
  assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }])
  await db.close()
  await second.stop()
})

test('a folder in use keeps others out and names the process that uses it', async () => {
  const state_dir = newFolder()
  const server = await start(state_dir)
  const message = new RegExp(`in use by process ${process.pid}`)
  await assert.rejects(start(state_dir), message)
  const other = await startElsewhere(state_dir)
  assert.match(other.error ?? '', message)
  await endElsewhere(other.child, 'exit')
  assert.deepEqual(await askDatabase(server.url, 'select 1 as one'), { one: 1 })
  await server.stop()
})

test('a server whose process was killed is taken over, with what was committed', async () => {
  const state_dir = newFolder()
  const killed = await startElsewhere(state_dir)
  await askDatabase(killed.url, 'create table auth.kept as select 7 as value')
  const pid = postmasterOf(state_dir)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  assert.ok(runs(pid), 'PostgreSQL outlives a killed process')
  const server = await start(state_dir)
  assert.equal(postmasterOf(state_dir), pid)
  assert.deepEqual(await askDatabase(server.url, 'select value from auth.kept'), { value: 7 })
  await server.stop()
  assert.equal(runs(pid), false)
})

test('a server that was killed together with its process recovers what was committed', async () => {
  const state_dir = newFolder()
  const killed = await startElsewhere(state_dir)
  await askDatabase(killed.url, 'create table auth.kept as select 7 as value')
  const pid = postmasterOf(state_dir)
  killed.child.kill('SIGKILL')
  process.kill(pid, 'SIGKILL')
  await Promise.all([once(killed.child, 'exit'), gone(pid)])
  const server = await start(state_dir)
  assert.notEqual(postmasterOf(state_dir), pid)
  assert.deepEqual(await askDatabase(server.url, 'select value from auth.kept'), { value: 7 })
  await server.stop()
})

test('a server that was killed is started anew once the last of its processes has seen so', async () => {
  const state_dir = newFolder()
  const killed = await start(state_dir)
  const pid = postmasterOf(state_dir)
  const processes = execFileSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' }).trim().split('\n')
  const orphans = processes.map((line) => line.trim().split(/\s+/).map(Number)).filter(([parent]) => parent === pid)
  assert.ok(orphans.length > 0)
  const tellAll = (signal: NodeJS.Signals) => {
    for (const [, orphan = 0] of orphans) process.kill(orphan, signal)
  }
  tellAll('SIGSTOP')
  process.kill(pid, 'SIGKILL')
  await gone(pid)
  await killed.stop()
  const starting = start(state_dir)
  const log = () => readFileSync(join(state_dir, 'postgres', 'postgres.log'), 'utf8')
  await until('PostgreSQL refuses its files', () => log().includes('pre-existing shared memory block')).finally(() =>
    tellAll('SIGCONT'),
  )
  const server = await starting
  assert.deepEqual(await askDatabase(server.url, 'select 1 as one'), { one: 1 })
  await server.stop()
})

test('a process that ends without stopping the server takes it along', async () => {
  const state_dir = newFolder()
  const careless = await startElsewhere(state_dir)
  const pid = postmasterOf(state_dir)
  await endElsewhere(careless.child, 'exit')
  await gone(pid)
})

test('text is UTF-8 with an explicit locale, also with LANG unset', async () => {
  const state_dir = newFolder()
  const server = await startElsewhere(state_dir, { env: {} })
  const encoding = `select pg_encoding_to_char(encoding) as encoding, datlocprovider::text as provider, datlocale as locale,
    lower('ÄÖÜ') as lowered from pg_database where datname = current_database()`
  assert.deepEqual(await askDatabase(server.url, encoding), {
    encoding: 'UTF8',
    provider: 'b',
    locale: 'C.UTF-8',
    lowered: 'äöü',
  })
  await endElsewhere(server.child, 'stop')
})
