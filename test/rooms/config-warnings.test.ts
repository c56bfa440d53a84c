// What a configuration may be, and yet is probably not meant to be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load, warningsOf } from '../support/config.ts'

test('a short JWT secret warns', () => {
  assert.match(warningsOf({ GOTRUE_JWT_SECRET: 'short' }).join(), /^GOTRUE_JWT_SECRET is shorter/)
  assert.match(warningsOf({ GOTRUE_JWT_SECRET: 'xy'.repeat(32) }).join(), /^GOTRUE_JWT_SECRET has few different/)
  assert.deepEqual(warningsOf({ GOTRUE_JWT_SECRET: 'thirty-two characters, no more..' }), [])
})

test('fixed codes of testers warn, more so without an end', () => {
  const codes = { GOTRUE_SMS_TEST_OTP: '15550001111:123456' }
  assert.deepEqual(load(codes).sms_test_otp, { 15550001111: '123456' })
  assert.match(warningsOf(codes).join(), /without GOTRUE_SMS_TEST_OTP_VALID_UNTIL/)
  const limited = warningsOf({ ...codes, GOTRUE_SMS_TEST_OTP_VALID_UNTIL: '2030-01-01T00:00:00Z' })
  assert.equal(limited.length, 1)
  assert.doesNotMatch(limited.join(), /VALID_UNTIL/)
})

test('mail or messages that cannot be sent warn, unless nobody needs them', () => {
  assert.match(warningsOf({ GOTRUE_SMTP_HOST: '' }).join(), /^GOTRUE_SMTP_HOST/)
  assert.deepEqual(warningsOf({ GOTRUE_SMTP_HOST: '', GOTRUE_MAILER_AUTOCONFIRM: 'true' }), [])
  assert.match(warningsOf({ GOTRUE_SMTP_HEADERS: 'X-A: b' }).join(), /^GOTRUE_SMTP_HEADERS/)
  const phone = { GOTRUE_EXTERNAL_PHONE_ENABLED: 'true' }
  assert.match(warningsOf({ ...phone, GOTRUE_SMS_PROVIDER: 'pigeon' }).join(), /^GOTRUE_SMS_PROVIDER/)
  assert.deepEqual(
    warningsOf({
      ...phone,
      GOTRUE_SMS_PROVIDER: 'vonage',
      GOTRUE_SMS_VONAGE_API_KEY: 'k',
      GOTRUE_SMS_VONAGE_FROM: 'f',
    }),
    ['GOTRUE_SMS_VONAGE_API_SECRET not set: vonage cannot send messages without'],
  )
  assert.deepEqual(
    warningsOf({ ...phone, GOTRUE_HOOK_SEND_SMS_ENABLED: 'true', GOTRUE_HOOK_SEND_SMS_URI: 'https://x.example' }),
    [],
  )
})
