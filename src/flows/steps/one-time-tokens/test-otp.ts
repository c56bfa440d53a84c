// Fixed codes for the phone numbers of testers (GOTRUE_SMS_TEST_OTP), until their last day.
import type { Ctx } from '../../../context.ts'
import { barePhone } from '../requests/addresses.ts'

/** The fixed code of a number, or null when it has none or the time for it is over. */
export function testOtp(ctx: Ctx, phone: string): string | null {
  const { sms_test_otp, sms_test_otp_valid_until } = ctx.config
  if (sms_test_otp_valid_until !== null && ctx.now() >= sms_test_otp_valid_until) return null
  const [, code] = Object.entries(sms_test_otp).find(([number]) => barePhone(number) === phone) ?? []
  return code ?? null
}
