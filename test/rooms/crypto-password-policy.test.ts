// What the policy says of passwords; the sentences are the recorded ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { weakReasons } from '../../src/crypto/password-policy.ts'

const sets = ['abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789', '!@#:']
const each =
  'Password should contain at least one character of each: abcdefghijklmnopqrstuvwxyz, ABCDEFGHIJKLMNOPQRSTUVWXYZ, 0123456789, !@#:.'
const short = 'Password should be at least 10 characters.'
const strict = { min_length: 10, required_characters: sets }

const cases: [password: string, policy: typeof strict, reasons: string[], message: string][] = [
  ['abc', strict, ['length', 'characters'], `${short} ${each}`],
  ['abcdefghi1!', strict, ['characters'], each],
  ['Abcdefghijk!', strict, ['characters'], each],
  ['Abcdefghijk1', strict, ['characters'], each],
  ['Abcdef1!', strict, ['length'], short],
  ['Abcdefghijk1:', strict, [], ''],
  ['abcde', { min_length: 3, required_characters: [] }, ['length'], 'Password should be at least 6 characters.'],
  ['abcdef', { min_length: 3, required_characters: [] }, [], ''],
  ['ééé', { min_length: 6, required_characters: [] }, [], ''],
  ['', { min_length: 6, required_characters: [''] }, ['length'], 'Password should be at least 6 characters.'],
]

for (const [password, policy, reasons, message] of cases)
  test(`"${password}" under a policy of ${policy.min_length} bytes and ${policy.required_characters.length} sets: ${reasons.join(', ') || 'good'}`, () => {
    assert.deepEqual(weakReasons(password, policy), { reasons, message })
  })

test('a required character outside the basic plane is found whole', () => {
  const policy = { min_length: 6, required_characters: ['🦊🐻'] }
  assert.deepEqual(weakReasons('abcdef🐻', policy).reasons, [])
  // The first half of another animal is the same code unit.
  assert.deepEqual(weakReasons('abcdef🐼', policy).reasons, ['characters'])
})
