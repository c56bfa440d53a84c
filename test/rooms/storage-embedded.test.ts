// The embedded PostgreSQL: started, stopped, shared by nobody, found again after a kill.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { removeState } from '../support/embedded-server.ts'
import { ownPort } from '../support/own-port.ts'
import { until } from '../support/process.ts'

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const folders: string[] = []
const children: ChildProcess[] = []

after(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) removeState(folder)
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-embedded-'))
  folders.push(folder)
  return folder
}
const lines: string[] = []

const start = (state_dir: string, port?: number): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ state_dir, ...(port !== undefined && { port }), log: (line) => lines.push(line) })

async function ask(url: string, text: string): Promise<Record<string, unknown> | undefined> {
  const db = openPostgres({ url, namespace: 'auth', max: 1 })
  const [row] = await db.query(text).finally(() => db.close())
  return row
}

const postmasterOf = (state_dir: string): number =>
  Number(readFileSync(join(state_dir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

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

/** Another process of ours that starts the database, tells its URLs or why not, and ends when told to. */
async function startElsewhere(
  state_dir: string,
  options: { from?: string; node?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Promise<{ child: ChildProcess; url: string; admin_url: string; error?: string }> {
  const { from = checkout, node = process.execPath, env = process.env, ...user } = options
  const source = `
    import { startEmbeddedPostgres } from ${JSON.stringify(pathToFileURL(join(from, 'src/storage/embedded/start-embedded-postgres.ts')).href)}
    const options = { state_dir: ${JSON.stringify(state_dir)}, log() {} }
    const server = await startEmbeddedPostgres(options).catch((error) => ({ error: error.message }))
    console.log(JSON.stringify(server))
    process.stdin.once('data', async (order) => {
      if (String(order) === 'stop') await server.stop()
      process.exit()
    })`
  const child = spawn(node, ['--input-type=module', '--eval', source], {
    env,
    cwd: state_dir,
    stdio: ['pipe', 'pipe', 'inherit'],
    ...user,
  })
  children.push(child)
  assert.ok(child.stdout)
  const [line] = await once(createInterface(child.stdout), 'line')
  return { child, ...JSON.parse(String(line)) }
}

async function end(child: ChildProcess, order: 'stop' | 'exit'): Promise<void> {
  child.stdin?.write(order)
  if (child.exitCode === null) await once(child, 'exit')
}

test('a database is made once, is there at the next start on the same port, and stops', async () => {
  const state_dir = newFolder()
  const first = await start(state_dir, await ownPort())
  const pid = postmasterOf(state_dir)
  await ask(first.url, 'create table auth.kept as select 7 as value')
  await first.stop()
  assert.equal(runs(pid), false)
  const second = await start(state_dir)
  assert.equal(second.url, first.url)
  assert.deepEqual(await ask(second.url, 'select value from auth.kept'), { value: 7 })
  await second.stop()
})

test('the database has the roles, the schema and the safety that an application counts on', async () => {
  const state_dir = newFolder()
  const server = await start(state_dir)
  const roles = `select string_agg(rolname || ':' || rolcanlogin || rolcreaterole || rolinherit || rolbypassrls, ' ' order by rolname) as roles
    from pg_roles where rolname !~ '^pg_' and rolname <> 'postgres'`
  assert.deepEqual(await ask(server.admin_url, roles), {
    roles:
      'anon:falsefalsefalsefalse authenticated:falsefalsefalsefalse service_role:falsefalsefalsetrue supabase_auth_admin:truetruefalsefalse',
  })
  const session = `select current_user as who, current_setting('search_path') as path, current_setting('fsync') as fsync,
    current_setting('server_version_num')::int / 10000 as version, current_setting('listen_addresses') as listens,
    (select nspowner::regrole::text from pg_namespace where nspname = 'auth') as owner,
    has_database_privilege(current_database(), 'create') as may_create`
  assert.deepEqual(await ask(server.url, session), {
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
  await assert.rejects(ask(stranger.href, 'select 1'), { status: 503 })
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
  await end(other.child, 'exit')
  assert.deepEqual(await ask(server.url, 'select 1 as one'), { one: 1 })
  await server.stop()
})

test('a server whose process was killed is taken over, with what was committed', async () => {
  const state_dir = newFolder()
  const killed = await startElsewhere(state_dir)
  await ask(killed.url, 'create table auth.kept as select 7 as value')
  const pid = postmasterOf(state_dir)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  assert.ok(runs(pid), 'PostgreSQL outlives a killed process')
  const server = await start(state_dir)
  assert.equal(postmasterOf(state_dir), pid)
  assert.deepEqual(await ask(server.url, 'select value from auth.kept'), { value: 7 })
  await server.stop()
  assert.equal(runs(pid), false)
})

test('a server that was killed together with its process recovers what was committed', async () => {
  const state_dir = newFolder()
  const killed = await startElsewhere(state_dir)
  await ask(killed.url, 'create table auth.kept as select 7 as value')
  const pid = postmasterOf(state_dir)
  killed.child.kill('SIGKILL')
  process.kill(pid, 'SIGKILL')
  await Promise.all([once(killed.child, 'exit'), gone(pid)])
  const server = await start(state_dir)
  assert.notEqual(postmasterOf(state_dir), pid)
  assert.deepEqual(await ask(server.url, 'select value from auth.kept'), { value: 7 })
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
  assert.deepEqual(await ask(server.url, 'select 1 as one'), { one: 1 })
  await server.stop()
})

test('a process that ends without stopping the server takes it along', async () => {
  const state_dir = newFolder()
  const careless = await startElsewhere(state_dir)
  const pid = postmasterOf(state_dir)
  await end(careless.child, 'exit')
  await gone(pid)
})

test('text is UTF-8 with an explicit locale, also with LANG unset', async () => {
  const state_dir = newFolder()
  const server = await startElsewhere(state_dir, { env: {} })
  const encoding = `select pg_encoding_to_char(encoding) as encoding, datlocprovider::text as provider, datlocale as locale,
    lower('ÄÖÜ') as lowered from pg_database where datname = current_database()`
  assert.deepEqual(await ask(server.url, encoding), {
    encoding: 'UTF8',
    provider: 'b',
    locale: 'C.UTF-8',
    lowered: 'äöü',
  })
  await end(server.child, 'stop')
})
