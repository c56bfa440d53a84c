// Both forms of refresh tokens, against a maker of signed ones written from their description.
import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  isStoredTokenForm,
  makeSignedToken,
  newRefreshToken,
  readSignedToken,
  signatureMatches,
} from '../../src/crypto/refresh-token.ts'

const key = randomBytes(32).toString('base64url')
const session_id = '5f0c7a52-9d0f-4c0b-9c33-0a1b2c3d4e5f'

/** The token of given parts, bytes of the counter as they are. */
function assemble(counter: number[], { version = 0, signer = key } = {}): string {
  const body = Buffer.from([version, ...Buffer.from(session_id.replaceAll('-', ''), 'hex'), ...counter])
  const mac = createHmac('sha256', Buffer.from(signer, 'base64url')).update(body).digest().subarray(0, 16)
  const signed = Buffer.concat([body, mac])
  return Buffer.concat([signed, createHash('sha256').update(signed).digest().subarray(0, 4)]).toString('base64url')
}

const counters: [number, number[]][] = [
  [0, [0]],
  [1, [1]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [300, [0xac, 0x02]],
  [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
  [Number.MAX_SAFE_INTEGER, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
]

for (const [counter, bytes] of counters)
  test(`a signed token of counter ${counter} is made and read as described`, () => {
    const token = makeSignedToken({ session_id, counter, key })
    assert.equal(token, assemble(bytes))
    const parsed = readSignedToken(token)
    assert.ok(parsed)
    assert.equal(parsed.session_id, session_id)
    assert.equal(parsed.counter, counter)
    assert.equal(signatureMatches(parsed, key), true)
    assert.equal(signatureMatches(parsed, randomBytes(32).toString('base64url')), false)
  })

test('the shortest signed token has 51 characters', () => {
  assert.equal(makeSignedToken({ session_id, counter: 0, key }).length, 51)
})

test('any flipped bit makes a signed token unreadable (REF-05)', () => {
  const bytes = Buffer.from(makeSignedToken({ session_id, counter: 300, key }), 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.equal(readSignedToken(changed.toString('base64url')), null, `bit ${bit}`)
  }
})

test('a right checksum does not make a signature right', () => {
  const foreign = readSignedToken(assemble([1], { signer: randomBytes(32).toString('base64url') }))
  assert.ok(foreign)
  assert.equal(signatureMatches(foreign, key), false)
  const moved = Buffer.from(assemble([1]), 'base64url')
  moved[17] = 2
  const signed = moved.subarray(0, -4)
  const forged = Buffer.concat([signed, createHash('sha256').update(signed).digest().subarray(0, 4)])
  const parsed = readSignedToken(forged.toString('base64url'))
  assert.ok(parsed)
  assert.equal(parsed.counter, 2)
  assert.equal(signatureMatches(parsed, key), false)
})

test('text that is no signed token is not read, whatever it is', () => {
  const good = makeSignedToken({ session_id, counter: 0, key })
  const bad = [
    '',
    'abcdefghijkl',
    good.slice(0, -1),
    good.slice(1),
    `${good}A`,
    `${good}=`,
    ` ${good}`,
    `${good.slice(0, 10)}\0${good.slice(10)}`,
    assemble([0], { version: 1 }),
    assemble([]),
    assemble([0x80]),
    assemble([0x80, 0x00]),
    assemble([0x01, 0x01]),
    assemble([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10]),
    assemble([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    '🦊'.repeat(30),
    'A'.repeat(10_000_000),
  ]
  for (const text of bad) assert.equal(readSignedToken(text), null, text.slice(0, 80))
})

test('a stored token is 12 characters of base32 in lower case, each as likely as any other', () => {
  const counts = new Map<string, number>()
  for (let round = 0; round < 5000; round++) {
    const token = newRefreshToken(randomBytes)
    assert.match(token, /^[a-z2-7]{12}$/)
    assert.equal(isStoredTokenForm(token), true)
    for (const character of token) counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  assert.equal(counts.size, 32)
  // 1875 of each expected, with a deviation of about 43.
  for (const [character, count] of counts) assert.ok(Math.abs(count - 1875) < 300, `${character}: ${count}`)
})

test('the form of stored tokens allows all digits and nothing else', () => {
  assert.equal(isStoredTokenForm('abc019xyz789'), true)
  for (const text of [
    '',
    'abcdefghijk',
    'abcdefghijklm',
    'Abcdefghijkl',
    'abcdefghijk\0',
    'abcdefghijkl\n',
    'abcdefghijké',
  ])
    assert.equal(isStoredTokenForm(text), false, text)
})
