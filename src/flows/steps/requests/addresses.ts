// E-mail addresses and phone numbers as callers write them, and the form in which they are stored.
import type { Config } from '../../../config/keys.ts'
import { AuthError, invalid } from '../../../errors.ts'

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const emailForm = new RegExp(`^[a-zA-Z0-9.!#$%&'*+/=?^_\`{|}~-]+@${label}(?:\\.${label})*$`)

/**
 * The stored form of an e-mail address: lower case.
 * @throws AuthError 400 validation_failed
 */
export function normaliseEmail(email: string): string {
  if (email === '') throw invalid('An email address is required')
  if (Buffer.byteLength(email) > 255) throw invalid('An email address is too long')
  if (!emailForm.test(email)) throw invalid('Unable to validate email address: invalid format')
  return email.toLowerCase()
}

/** The digits of a phone number: one leading plus and spaces removed; it may still be no number. */
export const barePhone = (phone: string): string => phone.replace(/^\+/, '').replaceAll(' ', '')

/**
 * The stored form of a phone number: digits without a plus (ITU-T E.164).
 * @throws AuthError 400 validation_failed
 */
export function normalisePhone(phone: string): string {
  const bare = phone.length > 64 ? '' : barePhone(phone)
  if (!/^[1-9][0-9]{1,14}$/.test(bare)) throw invalid('Invalid phone number format (E.164 required)')
  return bare
}

const channelMessage =
  "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider."

/** The channel that a message to a phone takes: sms or whatsapp, or any that a hook is told of. */
export type Channel = string

/**
 * The channel of a message: sms unless asked otherwise; whatsapp where the provider has it. A hook decides itself what it
 * can do with a channel.
 * @throws AuthError 400 validation_failed
 */
export function chooseChannel({ sms_provider, hooks }: Config, asked: string): Channel {
  if (asked === '') return 'sms'
  if (hooks.send_sms.enabled || asked === 'sms') return asked
  if (asked === 'whatsapp' && /^twilio(_verify)?$/.test(sms_provider)) return asked
  throw invalid(channelMessage)
}

/** 422 for a number that another account has. */
export const phoneExists = (): AuthError =>
  new AuthError(422, 'phone_exists', 'A user with this phone number has already been registered')

/** 422 for an address that another account has. */
export const emailExists = (): AuthError =>
  new AuthError(422, 'email_exists', 'A user with this email address has already been registered')
