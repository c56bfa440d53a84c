// What each sender of text messages cannot do without, by its name in GOTRUE_SMS_PROVIDER.
import type { smsKeys } from './server-keys.ts'

/** Names in the configuration. */
export const smsSettings = {
  twilio: ['sms_twilio_account_sid', 'sms_twilio_auth_token', 'sms_twilio_message_service_sid'],
  twilio_verify: [
    'sms_twilio_verify_account_sid',
    'sms_twilio_verify_auth_token',
    'sms_twilio_verify_message_service_sid',
  ],
  messagebird: ['sms_messagebird_access_key', 'sms_messagebird_originator'],
  textlocal: ['sms_textlocal_api_key', 'sms_textlocal_sender'],
  vonage: ['sms_vonage_api_key', 'sms_vonage_api_secret', 'sms_vonage_from'],
  http: ['sms_http_url'],
} as const satisfies Record<string, readonly (keyof typeof smsKeys)[]>

/** The name of a sender; null for any other text. */
export const smsProviderOf = (name: string): keyof typeof smsSettings | null =>
  Object.hasOwn(smsSettings, name) ? (name as keyof typeof smsSettings) : null
