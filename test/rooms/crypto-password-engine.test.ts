// What hashes passwords: native code, and WebAssembly where npm was told to leave that out. Both come to the same.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { hash as argon2, parseOptions } from '@node-rs/argon2'
import { parseForeignHash, withoutEnvelope } from '../../src/crypto/foreign-forms.ts'
import { createWasmEngine, loadNativeEngine } from '../../src/crypto/password-engine.ts'
import { checkHash, createPasswordHasher } from '../../src/crypto/password-hash.ts'
import { cpuTime } from '../support/cpu-time.ts'

const native = (await loadNativeEngine()).engine ?? assert.fail('the native code is not installed')
const wasm = createWasmEngine(2)
const hasher = createPasswordHasher({ concurrency: 2, queue_ms: 60_000, engine: wasm })
after(() => wasm.close())

/** The same, byte for byte, and others that an engine could take for it. */
const passwords: [password: string, others: string[]][] = [
  ['correct horse battery staple', ['correct horse battery staple!', 'Correct horse battery staple', '']],
  ['', ['a', ' ']],
  ['a\0b', ['a', 'a\0c']],
  ['x'.repeat(71), ['x'.repeat(70), 'x'.repeat(72)]],
  ['x'.repeat(72), ['x'.repeat(71), 'y'.repeat(72)]],
  ['€'.repeat(24), ['€'.repeat(23)]],
  [`ÿ\ud800𝔭`, ['ÿ', 'ÿ\ud800']],
]

test('each engine checks what the other has made of a password, with bcrypt', async () => {
  for (const [password, others] of passwords)
    for (const cost of [4, 5]) {
      const made = [await native.hashBcrypt(password, cost), await wasm.hashBcrypt(password, cost)]
      for (const hash of made) {
        assert.match(hash, new RegExp(`^\\$2a\\$0${cost}\\$[./A-Za-z0-9]{53}$`))
        const stored = hash.replace('$2a$', '$2b$')
        for (const engine of [native, wasm]) {
          assert.equal(await engine.verifyBcrypt(password, stored), true, `${password} ${stored}`)
          for (const other of others) assert.equal(await engine.verifyBcrypt(other, stored), false, other)
        }
      }
    }
  assert.notEqual(await wasm.hashBcrypt('twice', 4), await wasm.hashBcrypt('twice', 4))
})

test('both cut a password at the same byte, in the middle of a letter too', async () => {
  const bytes = Buffer.from(`x${'€'.repeat(30)}`).subarray(0, 72)
  const stored = (await native.hashBcrypt(`x${'€'.repeat(30)}`, 4)).replace('$2a$', '$2b$')
  for (const engine of [native, wasm])
    for (const same of [bytes, Buffer.concat([bytes, Buffer.from('rest')])])
      assert.equal(await engine.verifyBcrypt(same, stored), true)
})

test('argon2 of every kind, size and number of lanes is checked alike', async () => {
  const kinds = [
    { algorithm: 1, memoryCost: 64, timeCost: 3, parallelism: 2 },
    { algorithm: 2, memoryCost: 8, timeCost: 1, parallelism: 1 },
    { algorithm: 2, memoryCost: 1027, timeCost: 2, parallelism: 4, outputLen: 16 },
    { algorithm: 2, memoryCost: 300, timeCost: 1, parallelism: 16, outputLen: 70 },
    { algorithm: 2, memoryCost: 64, timeCost: 20, parallelism: 1, salt: Buffer.alloc(8, 7), outputLen: 4 },
    { algorithm: 1, memoryCost: 64, timeCost: 1, parallelism: 3, salt: Buffer.alloc(61, 7), outputLen: 100 },
  ]
  for (const kind of kinds)
    for (const [password, others] of passwords) {
      const stored = await argon2(password, kind)
      assert.equal(checkHash(stored), null)
      assert.equal(await native.verifyArgon2(password, stored), true)
      // Nobody has an account that opens without a password.
      assert.equal(await wasm.verifyArgon2(password, stored), password !== '', stored)
      for (const other of others) assert.equal(await wasm.verifyArgon2(other, stored), false, stored)
    }
})

test('an argon2 hash is refused where the reference implementation cannot read it, and nowhere else', () => {
  const zeros = (bytes: number) => Buffer.alloc(bytes, 1).toString('base64').replace(/=+$/, '')
  const [salt, hash] = [zeros(16), zeros(32)]
  const texts = [
    ...[1, 7, 8, 9, 48, 49, 64, 65, 90].map((size) => `m=64,t=1,p=1$${zeros(size)}$${hash}`),
    ...[1, 3, 4, 5, 31, 33, 64, 65, 300].map((size) => `m=64,t=1,p=1$${salt}$${zeros(size)}`),
    ...['m=7,t=1,p=1', 'm=8,t=1,p=1', 'm=15,t=1,p=2', 'm=16,t=1,p=2', 'm=127,t=1,p=16', 'm=128,t=1,p=16'].map(
      (numbers) => `${numbers}$${salt}$${hash}`,
    ),
    ...['m=064,t=1,p=1', 'm=64,t=01,p=1', 'm=64,t=1,p=01', 'm=64,t=0,p=1', 'm=64,t=1,p=0', 'm=0,t=1,p=1'].map(
      (numbers) => `${numbers}$${salt}$${hash}`,
    ),
    ...['A', 'AA', 'AAA', 'AAAA', 'B', 'BB', 'BBB', 'BBBB'].flatMap((end) => [
      `m=64,t=1,p=1$${zeros(15)}${end}$${hash}`,
      `m=64,t=1,p=1$${salt}$${zeros(15)}${end}`,
    ]),
  ]
  const isReadable = (text: string): boolean => {
    try {
      parseOptions(text)
      return true
    } catch {
      return false
    }
  }
  for (const text of texts.flatMap((rest) => [`$argon2id$v=19$${rest}`, `$argon2i$v=19$${rest}`]))
    assert.equal(checkHash(text) === null, isReadable(text), text)
})

test('hashes of real libraries, and of this server, are checked in WebAssembly', async () => {
  const real: { password: string; hashes: Record<string, string> } = JSON.parse(
    readFileSync(new URL('../fixtures/import/hashes.json', import.meta.url), 'utf8'),
  )
  const wanted = Object.entries(real.hashes).filter(([, hash]) => /\$2[aby]?\$|bcrypt|argon2/.test(hash))
  assert.ok(wanted.length > 4)
  for (const [name, hash] of wanted) {
    const foreign = parseForeignHash(hash)
    const check = (password: string) =>
      foreign ? hasher.verifyForeign(password, foreign) : hasher.verify(password, withoutEnvelope(hash))
    assert.deepEqual([await check(real.password), await check(`${real.password}!`)], [true, false], name)
  }
  const own = await hasher.hash('a password')
  assert.match(own, /^\$2a\$10\$/)
  assert.deepEqual([await hasher.verify('a password', own), await hasher.verify('another', own)], [true, false])
  await hasher.verifyNothing('x'.repeat(1_000_000))
})

test('WebAssembly runs on threads: the event loop goes on while two passwords are checked', async () => {
  const stored = (await native.hashBcrypt('a password', 4)).replace('$04$', '$12$')
  const both = () => Promise.all([hasher.verify('a password', stored), hasher.verify('a password', stored)])
  const { thread_ms, process_ms } = await cpuTime(both)
  assert.ok(thread_ms < process_ms / 4, `${thread_ms} ms of ${process_ms} ms`)
  assert.deepEqual(hasher.state(), { running: 0, most: 2, waiting: 0 })
})

test('an engine that was closed begins anew where somebody still asks', async () => {
  const engine = createWasmEngine(1)
  const stored = (await engine.hashBcrypt('a password', 4)).replace('$2a$', '$2b$')
  await engine.close()
  assert.equal(await engine.verifyBcrypt('a password', stored), true)
  await engine.close()
})

test('a hash that the library cannot read fails for the one who asked; others on its thread are answered', async () => {
  const engine = createWasmEngine(1)
  try {
    const [broken, other] = await Promise.allSettled([
      engine.verifyArgon2('a password', '$argon2id$broken'),
      engine.hashBcrypt('a password', 4),
    ])
    assert.match(String(broken.status === 'rejected' && broken.reason.message), /hash/i)
    assert.equal(other.status, 'fulfilled')
  } finally {
    await engine.close()
  }
})

/** Why the native code is not there, in a process that loads another file for it. */
async function reasonWith(file: string): Promise<string> {
  const engine = new URL('../../src/crypto/password-engine.ts', import.meta.url).href
  const code = `import { loadNativeEngine } from '${engine}'; console.log((await loadNativeEngine()).reason)`
  const env = { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: file }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { env })
  return stdout.trim()
}

test('native code that is not there is told from code that cannot be loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-native-'))
  try {
    const broken = join(folder, 'broken.node')
    await writeFile(broken, 'no library')
    assert.equal(await reasonWith(join(folder, 'missing.node')), 'is not installed')
    assert.match(await reasonWith(broken), /^cannot be loaded \(.*broken\.node: .+\)$/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
