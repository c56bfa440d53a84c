// Limits on all mails and all messages together, by whatever clock the store counts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStore } from '../../src/limits/memory-store.ts'
import { limitsOn, refusal, times } from '../support/limits.ts'

test('mails and messages have totals of their own kind', async () => {
  let at = 1_800_000_000_000
  const limits = limitsOn(createMemoryStore({ now: () => at }), {
    rate_limit_email_sent: { events: 3, per_ms: 3_600_000, fixed: true },
    rate_limit_sms_sent: { events: 2, per_ms: 60_000, fixed: false },
  })
  await times(3, () => limits.takeMail())
  const mail = await refusal(limits.takeMail())
  assert.deepEqual(
    [mail?.status, mail?.code, mail?.message, mail?.details.retry_after],
    [429, 'over_email_send_rate_limit', 'email rate limit exceeded', 3600],
  )
  await times(2, () => limits.takeSms())
  const sms = await refusal(limits.takeSms())
  assert.deepEqual(
    [sms?.status, sms?.code, sms?.message, sms?.details.retry_after],
    [429, 'over_sms_send_rate_limit', 'SMS rate limit exceeded', 60],
  )
  at += 60_000
  await limits.takeSms()
  assert(await refusal(limits.takeSms()), 'one a minute')
  assert(await refusal(limits.takeMail()), 'the hour is not over')
  at += 3_540_000
  await times(3, () => limits.takeMail())
})

test('with autoconfirm nothing is counted, but no mails at all holds', async () => {
  const none = { events: 0, per_ms: 3_600_000, fixed: true }
  const one = { events: 1, per_ms: 3_600_000, fixed: true }
  const confirmed = { mailer_autoconfirm: true, sms_autoconfirm: true }
  const counted = limitsOn(createMemoryStore(Date), {
    ...confirmed,
    rate_limit_email_sent: one,
    rate_limit_sms_sent: one,
  })
  await times(5, () => counted.takeMail())
  await times(5, () => counted.takeSms())
  const closed = limitsOn(createMemoryStore(Date), { ...confirmed, rate_limit_email_sent: none })
  assert.equal((await refusal(closed.takeMail()))?.code, 'over_email_send_rate_limit')
})
