// Encryption at rest: the reference's form, written here from its description, and what is sealed in our own rows.
import assert from 'node:assert/strict'
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createColumnCipher } from '../../src/crypto/column-cipher.ts'
import { createServerSealer } from '../../src/crypto/server-sealer.ts'

const keys = {
  now: Buffer.alloc(32, 'now').toString('base64url'),
  earlier: Buffer.alloc(32, 'earlier').toString('base64url'),
}
const id = '5f0c7a52-9d0f-4c0b-9c33-0a1b2c3d4e5f'
const plain = '$2a$10$a password hash, or ä key'

/** A value as the reference stores it. */
function encrypt(text: string, object_id: string, key_id: keyof typeof keys): Record<string, string> {
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(keys[key_id], 'base64url'), '', object_id, 32))
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const data = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
  return { key_id, alg: 'aes-gcm-hkdf', data: data.toString('base64'), nonce: nonce.toString('base64') }
}

const cipher = (more: Partial<Parameters<typeof createColumnCipher>[0]> = {}) =>
  createColumnCipher({ encrypt: true, key_id: 'now', key: keys.now, decryption_keys: { ...keys }, ...more })

test('what is encrypted is decrypted for the same row only, and has the stored form', () => {
  const stored = cipher().encrypt(plain, id)
  const form = JSON.parse(stored)
  assert.deepEqual(Object.keys(form), ['key_id', 'alg', 'data', 'nonce'])
  assert.deepEqual([form.key_id, form.alg], ['now', 'aes-gcm-hkdf'])
  assert.equal(Buffer.from(form.nonce, 'base64').length, 12)
  assert.equal(Buffer.from(form.data, 'base64').length, Buffer.byteLength(plain) + 16)
  assert.equal(cipher().decrypt(stored, id), plain)
  assert.throws(() => cipher().decrypt(stored, id.replace('5', '6')))
  assert.notEqual(cipher().encrypt(plain, id), stored)
})

test('values of the reference open, under the key of now and of earlier', () => {
  for (const key_id of ['now', 'earlier'] as const)
    assert.equal(cipher().decrypt(JSON.stringify(encrypt(plain, id, key_id)), id), plain)
})

test('changed, cut and unknown values do not open', () => {
  const good = encrypt(plain, id, 'now')
  const bytes = Buffer.from(good.data ?? '', 'base64')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  const bad = [
    { ...good, data: bytes.toString('base64') },
    {
      ...good,
      data: Buffer.from(good.data ?? '', 'base64')
        .subarray(0, -1)
        .toString('base64'),
    },
    { ...good, data: 'AAAA' },
    { ...good, nonce: randomBytes(12).toString('base64') },
    { ...good, key_id: 'earlier' },
    { ...good, key_id: 'nobody' },
    { ...good, key_id: '__proto__' },
  ]
  for (const value of bad)
    assert.throws(() => cipher().decrypt(JSON.stringify(value), id), Error, JSON.stringify(value))
})

test('a value in clear opens as it is, also one that looks like JSON', () => {
  const { nonce: _nonce, ...partial } = encrypt(plain, id, 'now')
  for (const text of [
    plain,
    '',
    '{',
    '{}',
    'null',
    JSON.stringify(partial),
    JSON.stringify({ ...partial, nonce: 'AAAA' }),
  ])
    assert.equal(cipher().decrypt(text, id), text)
})

test('values in clear or under another key are to be encrypted again, if encryption is on', () => {
  const now = JSON.stringify(encrypt(plain, id, 'now'))
  const earlier = JSON.stringify(encrypt(plain, id, 'earlier'))
  assert.deepEqual([plain, now, earlier].map(cipher().isOutdated), [true, false, true])
  assert.deepEqual([plain, now, earlier].map(cipher({ encrypt: false }).isOutdated), [false, false, false])
})

test('without encryption values stay in clear, and those of before still open', () => {
  const off = cipher({ encrypt: false, key_id: '', key: '' })
  assert.equal(off.encrypt(plain, id), plain)
  assert.equal(off.decrypt(JSON.stringify(encrypt(plain, id, 'earlier')), id), plain)
})

test('keys that cannot work stop the start without showing them', () => {
  assert.throws(() => cipher({ key: 'c2hvcnQ' }), { message: 'the key now must be 32 bytes in base64url' })
  assert.throws(() => cipher({ decryption_keys: { now: 'x' } }), {
    message: 'the key now must be 32 bytes in base64url',
  })
  assert.throws(() => cipher({ key_id: '' }), { message: 'the encryption key has no id' })
  const missing = { message: 'the encryption key now is not among the decryption keys' }
  assert.throws(() => cipher({ decryption_keys: { earlier: keys.earlier } }), missing)
  assert.throws(() => cipher({ decryption_keys: { now: keys.earlier } }), missing)
})

test('a server opens what it has sealed itself, and nothing else', () => {
  const ours = createServerSealer('a secret of the server')
  const sealed = ours.seal('{"otp":"123456"}')
  assert.ok(!Buffer.from(sealed, 'base64url').includes('123456'))
  assert.equal(ours.open(sealed), '{"otp":"123456"}')
  assert.equal(createServerSealer('a secret of the server').open(sealed), '{"otp":"123456"}')
  assert.throws(() => createServerSealer('another secret').open(sealed))
  for (const text of ['', 'AAAA', sealed.slice(2), sealed.slice(0, -4)])
    assert.throws(() => ours.open(text), Error, text)
  assert.throws(() => createServerSealer(''))
})
