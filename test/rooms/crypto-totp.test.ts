// Codes of authenticator apps against the vectors of RFC 6238, appendix B.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { newTotpSecret, totpCode, totpStep, totpUri } from '../../src/crypto/totp.ts'

/** "12345678901234567890" in base32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

for (const [at_s, code] of [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const)
  test(`at ${at_s} s the code is ${code}`, () => assert.equal(totpCode(secret, at_s), code))

test('a code counts in its period, the one before and the one after', () => {
  const at = 1_800_000_000
  const code = totpCode(secret, at)
  assert.deepEqual(
    [-31, -30, 0, 29, 59, 60].map((drift) => totpStep(secret, code, at + drift)),
    [null, at / 30, at / 30, at / 30, at / 30, null],
  )
  for (const bad of ['', '12345', 'abcdef', `${code}0`, '１２３４５６']) assert.equal(totpStep(secret, bad, at), null)
})

test('a secret is 160 bits in base32, and its address says all that an app needs', () => {
  const made = newTotpSecret(randomBytes)
  assert.match(made, /^[A-Z2-7]{32}$/)
  assert.notEqual(made, newTotpSecret(randomBytes))
  assert.equal(
    totpUri(secret, 'My app', 'ada@example.com'),
    `otpauth://totp/My%20app:ada@example.com?algorithm=SHA1&digits=6&issuer=My%20app&period=30&secret=${secret}`,
  )
  assert.equal(
    totpUri(secret, 'Big:Co@x&y', 'a+b@example.com'),
    `otpauth://totp/Big:Co@x%26y:a%2Bb@example.com?algorithm=SHA1&digits=6&issuer=Big:Co@x%26y&period=30&secret=${secret}`,
  )
})
