// Codes, their hashes and PKCE.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { hashesMatch, pkceChallengeMatches, randomDigits, tokenHash } from '../../src/crypto/codes.ts'

test('codes have the asked length, leading zeros included', () => {
  for (const length of [4, 6, 10, 18]) assert.match(randomDigits(length, randomBytes), new RegExp(`^\\d{${length}}$`))
  assert.equal(
    randomDigits(6, (size) => Buffer.alloc(size)),
    '000000',
  )
  assert.match(
    randomDigits(6, (size) => Buffer.alloc(size, 255)),
    /^\d{6}$/,
  )
})

/** Chi-square of counts against an even share; its mean is the number of cells less one. */
const chiSquare = (counts: number[], total: number): number =>
  counts.reduce((sum, count) => sum + (count - total / counts.length) ** 2 / (total / counts.length), 0)

test('every digit is as likely as any other, in every place', () => {
  const rounds = 20_000
  const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0))
  for (let round = 0; round < rounds; round++)
    for (const [place, digit] of [...randomDigits(6, randomBytes)].entries()) {
      const row = counts[place] ?? []
      row[Number(digit)] = (row[Number(digit)] ?? 0) + 1
    }
  // Nine degrees of freedom: above 50 with a probability of 10^-7.
  for (const row of counts) assert.ok(chiSquare(row, rounds) < 50, row.join(' '))
})

test('the hash of a code is SHA-224 of address and code in hex', () => {
  assert.equal(
    tokenHash('zoë@example.com', '012345'),
    createHash('sha224').update('zoë@example.com012345').digest('hex'),
  )
  // FIPS 180-4, SHA-224 of "abc".
  assert.equal(tokenHash('a', 'bc'), '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7')
})

test('hashes match when they are equal, whatever their lengths', () => {
  assert.equal(hashesMatch('abc', 'abc'), true)
  assert.equal(hashesMatch('abc', 'abd'), false)
  assert.equal(hashesMatch('abc', 'abcd'), false)
  assert.equal(hashesMatch('', 'a'), false)
})

test('the example of RFC 7636 appendix B is proved by its verifier only', () => {
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
  assert.equal(pkceChallengeMatches(verifier, challenge, 's256'), true)
  assert.equal(pkceChallengeMatches(verifier, challenge, 'S256'), true)
  assert.equal(pkceChallengeMatches(`${verifier.slice(0, -1)}j`, challenge, 's256'), false)
  assert.equal(pkceChallengeMatches(challenge, challenge, 's256'), false)
  assert.equal(pkceChallengeMatches(verifier, challenge, 'plain'), false)
  assert.equal(pkceChallengeMatches(verifier, challenge, 's512'), false)
})

test('a plain challenge is the verifier, and nothing proves an empty one', () => {
  assert.equal(pkceChallengeMatches('v'.repeat(43), 'v'.repeat(43), 'plain'), true)
  assert.equal(pkceChallengeMatches('v'.repeat(43), 'w'.repeat(43), 'plain'), false)
  assert.equal(pkceChallengeMatches('', '', 'plain'), false)
  assert.equal(pkceChallengeMatches('v', 'v', ''), false)
})
