// Password hashes of this server and of other systems, and the limits of what may be stored.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt, hashSync } from '@node-rs/bcrypt'
import { loadNativeEngine } from '../../src/crypto/password-engine.ts'
import { checkHash, createPasswordHasher } from '../../src/crypto/password-hash.ts'
import { AuthError } from '../../src/errors.ts'
import { cpuTime } from '../support/cpu-time.ts'

const password = 'correct horse battery staple'
/** Hashes of that password, as other systems export them. */
const hashes = {
  bcrypt: '$2a$04$W07sXk7wZUDsW0Sra0Dqb..54sgN2cqX.0kKLyiEYbyHvBdlQ4Dc.',
  argon2i: '$argon2i$v=19$m=64,t=3,p=2$Y29uZm9ybWFuY2Utc2FsdA$OP1u82cxuaLq/lE9h1MYWMkeRe4Dv8o0HCHXTai3GVM',
  argon2id: '$argon2id$v=19$m=128,t=2,p=1$Y29uZm9ybWFuY2Utc2FsdA$R4bb37dPfamYpVun4+TS1jTTTkC+F8c8BdnHxbv+E2U',
  firebase:
    '$fbscrypt$v=1,n=8,r=8,p=1,ss=Bw==,sk=oi+3bCLdxXdFnrvaD1U+9ugdXLZYLNbypss1UgBnHBsic9XH2ILd3BiHJPMaGzX+fGgn1Cr4GFA03BStZK8FtQ==$Y29uZm9ybWFuY2U=$87sISzL4l4kyJzX8Ybv2koX0BQ9NrMqbTN/WU22zyYo3sx9ha0o2bB6DJ0NuTytSkocLvqCLiWDsewKh8T/f4g==',
}

const hasher = createPasswordHasher({ concurrency: 2, queue_ms: 60_000 })

test('a new hash is bcrypt of cost 10 with the prefix of the reference', async () => {
  const stored = await hasher.hash(password)
  assert.match(stored, /^\$2a\$10\$[./A-Za-z0-9]{53}$/)
  assert.notEqual(await hasher.hash(password), stored)
  assert.equal(await hasher.verify(password, stored), true)
  assert.equal(await hasher.verify(`${password}!`, stored), false)
})

for (const [name, stored] of Object.entries(hashes))
  test(`a hash of ${name} as recorded is accepted and checked`, async () => {
    assert.equal(hasher.checkHash(stored), null)
    assert.equal(await hasher.verify(password, stored), true)
    assert.equal(await hasher.verify(`${password}!`, stored), false)
    assert.equal(await hasher.verify('', stored), false)
  })

test('all prefixes of bcrypt name the same algorithm', async () => {
  const rest = hashes.bcrypt.slice(3)
  for (const prefix of ['$2', '$2a', '$2b', '$2x', '$2y']) {
    assert.equal(checkHash(prefix + rest), null, prefix)
    assert.equal(await hasher.verify(password, prefix + rest), true, prefix)
    assert.equal(await hasher.verify('wrong', prefix + rest), false, prefix)
  }
})

test('nothing over 72 bytes matches bcrypt, and nothing longer is hashed', async () => {
  const stored = await bcrypt('x'.repeat(72), { cost: 4 })
  assert.equal(await hasher.verify(`${'x'.repeat(72)}and more`, stored), false)
  assert.equal(await hasher.verify('x'.repeat(71), stored), false)
  const euros = await bcrypt('€'.repeat(24), { cost: 4 })
  assert.equal(await hasher.verify('€'.repeat(24), euros), true)
  assert.equal(await hasher.verify('€'.repeat(25), euros), false)
  await assert.rejects(
    hasher.hash('€'.repeat(25)),
    new AuthError(400, 'validation_failed', 'Password cannot be longer than 72 characters'),
  )
})

test('a NUL does not end a password', async () => {
  const stored = await bcrypt('a\0b', { cost: 4 })
  assert.equal(await hasher.verify('a\0b', stored), true)
  assert.equal(await hasher.verify('a\0c', stored), false)
})

test('imported argon2 hashes know long passwords whole', async () => {
  const stored = await argon2('x'.repeat(80), { memoryCost: 64, timeCost: 1 })
  assert.equal(await hasher.verify('x'.repeat(80), stored), true)
  assert.equal(await hasher.verify('x'.repeat(79), stored), false)
})

const fbscrypt = (parameters: string, rest = hashes.firebase.slice(hashes.firebase.indexOf(',ss='))): string =>
  `$fbscrypt$v=1,${parameters}${rest}`

test('hashes that would cost too much, or that nothing fits, are refused (PWD-05)', async () => {
  const bad = [
    hashes.bcrypt.replace('$04$', '$31$'),
    hashes.bcrypt.replace('$04$', '$16$'),
    hashes.bcrypt.replace('$04$', '$03$'),
    hashes.bcrypt.replace('$04$', '$+4$'),
    hashes.bcrypt.replace('$2a$', '$2c$'),
    hashes.bcrypt.slice(0, -1),
    `${hashes.bcrypt}\n`,
    hashes.argon2id.replace('m=128,t=2', 'm=1048576,t=1000'),
    hashes.argon2id.replace('m=128,t=2', 'm=1048576,t=5'),
    hashes.argon2id.replace('m=128', 'm=1048577'),
    hashes.argon2id.replace('t=2', 't=21'),
    hashes.argon2id.replace('t=2', 't=0'),
    hashes.argon2id.replace('m=128,t=2,p=1', 'm=256,t=2,p=17'),
    hashes.argon2id.replace('m=128', 'm=7'),
    hashes.argon2id.replace('v=19', 'v=16'),
    hashes.argon2id.replace('argon2id', 'argon2d'),
    hashes.argon2id.replace('p=1', 'p=1,keyid=YQ'),
    hashes.argon2id.replace('p=1', 'p=1,data=YQ'),
    `${hashes.argon2id}=`,
    fbscrypt('n=31,r=8,p=1'),
    fbscrypt('n=14,r=8,p=999'),
    fbscrypt('n=20,r=8,p=1'),
    fbscrypt('n=16,r=1,p=1'),
    fbscrypt('n=0,r=8,p=1'),
    fbscrypt('n=8,r=8,p=0'),
    fbscrypt('n=8,r=8,p=1', '$Y29uZm9ybWFuY2U=$'),
    fbscrypt('n=8,r=8,p=1', ',ss=Bw==,sk=$Y29uZm9ybWFuY2U=$'),
    fbscrypt('n=8,r=8,p=1', ',ss=Bw==,sk=QQ==$Y29uZm9ybWFuY2U=$QQ=='),
    fbscrypt('n=8,r=8,p=1').replaceAll('=', ''),
    fbscrypt('n=8,r=8,p=1').replace('v=1', 'v=2'),
    password,
    '',
  ]
  for (const stored of bad) {
    assert.equal(typeof checkHash(stored), 'string', stored)
    assert.ok(!checkHash(stored)?.includes(stored) || stored === '')
  }
  assert.equal(await hasher.verify(password, fbscrypt('n=8,r=8,p=1', ',sk=$Y29uZm9ybWFuY2U=$')), false)
})

test('settings that other systems recommend are accepted', () => {
  const good = [
    hashes.bcrypt.replace('$04$', '$15$'),
    hashes.argon2id.replace('m=128,t=2', 'm=1048576,t=4'),
    hashes.argon2id.replace('m=128,t=2,p=1', 'm=65536,t=3,p=4'),
    hashes.argon2id.replace('t=2', 't=20'),
    fbscrypt('n=14,r=8,p=1'),
    fbscrypt('n=14,r=8,p=1', hashes.firebase.slice(hashes.firebase.indexOf(',sk='))),
  ]
  for (const stored of good) assert.equal(checkHash(stored), null, stored)
})

test('an unknown account, and one with a cheap or a broken hash, take as long as a password of this server', async () => {
  const own = hashSync(password, { cost: 10 })
  const cost4 = hashSync(password, { cost: 4 })
  const cost9 = hashSync(password, { cost: 9 })
  const ways = {
    own: () => hasher.verify('wrong', own),
    unknown: () => hasher.verifyNothing('wrong'),
    cost4: () => hasher.verify('wrong', cost4),
    cost9: () => hasher.verify('wrong', cost9),
    broken: () => hasher.verify('wrong', 'broken'),
  }
  const best: Record<string, number> = {}
  for (let round = 0; round < 5; round++)
    for (const [name, way] of Object.entries(ways)) {
      const { process_ms } = await cpuTime(way)
      best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, process_ms)
    }
  const reference = best.own ?? 0
  for (const [name, time] of Object.entries(best))
    assert.ok(time > reference * 0.6 && time < reference * 1.7, `${name}: ${time} ms, own: ${reference} ms`)
})

test('checking does not hold up the event loop', async () => {
  const stored = hashSync(password, { cost: 4 }).replace('$04$', '$12$')
  const { thread_ms, process_ms } = await cpuTime(() => hasher.verify(password, stored))
  assert.ok(thread_ms < process_ms / 4, `${thread_ms} ms of ${process_ms} ms`)
})

test('who finds every core busy for too long is asked to come back (503)', async () => {
  const native = (await loadNativeEngine()).engine ?? assert.fail('the native code is not installed')
  const over = Promise.withResolvers<void>()
  const engine: typeof native = {
    ...native,
    verifyBcrypt: (...given) => over.promise.then(() => native.verifyBcrypt(...given)),
  }
  const busy = createPasswordHasher({ concurrency: 1, queue_ms: 20, engine })
  const first = busy.verify(password, hashes.bcrypt)
  await assert.rejects(busy.hash(password), (error) => {
    assert.ok(error instanceof AuthError)
    assert.deepEqual([error.status, error.code, error.details.retry_after], [503, 'service_unavailable', 1])
    return true
  })
  over.resolve()
  assert.equal(await first, true)
  assert.match(await busy.hash(password), /^\$2a\$10\$/)
})
