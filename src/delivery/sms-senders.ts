// Senders of text messages, as data: the request that each wants, and how it says that it failed.
import type { Config } from '../config/keys.ts'
import type { smsSettings } from '../config/sms-settings.ts'

/** A message. */
export interface Sms {
  phone: string
  otp: string
  text: string
  channel: string
}

/** A request to a sender's API. */
export interface SmsRequest {
  path: string
  headers?: Record<string, string>
  form?: Record<string, string>
  json?: unknown
}

/** The JSON that a sender answered with. */
export type SmsAnswer = Record<string, unknown>

/** A sender. */
export interface SmsSenderData {
  base_url: string
  request(sms: Sms, config: Config): SmsRequest
  /** What went wrong, or null when the message is on its way. */
  problem(status: number, answer: SmsAnswer, sms: Sms): string | null
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value))
const first = (value: unknown): SmsAnswer =>
  Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null ? value[0] : {}
const isFine = (status: number): boolean => status === 200 || status === 201

const twilioProblem = (status: number, answer: SmsAnswer): string | null => {
  if (!isFine(status)) return `${text(answer.message)} More information: ${text(answer.more_info)}`
  if (answer.status !== 'failed' && answer.status !== 'undelivered') return null
  return `twilio error: ${text(answer.error_message)} ${text(answer.error_code)} for message ${text(answer.sid)}`
}
const numberAt = ({ phone, channel }: Sms): string => (channel === 'whatsapp' ? `whatsapp:+${phone}` : `+${phone}`)

/** Senders by the name in GOTRUE_SMS_PROVIDER. */
export const smsSenders: Record<keyof typeof smsSettings, SmsSenderData> = {
  twilio: {
    base_url: 'https://api.twilio.com',
    request: (sms, config) => ({
      path: `/2010-04-01/Accounts/${config.sms_twilio_account_sid}/Messages.json`,
      headers: { authorization: basic(config.sms_twilio_account_sid, config.sms_twilio_auth_token) },
      form: {
        To: numberAt(sms),
        Channel: sms.channel,
        From: config.sms_twilio_message_service_sid,
        ...(sms.channel === 'whatsapp' && config.sms_twilio_content_sid !== ''
          ? { ContentSid: config.sms_twilio_content_sid, ContentVariables: `{"1": ${JSON.stringify(sms.otp)}}` }
          : { Body: sms.text }),
      },
    }),
    problem: twilioProblem,
  },
  twilio_verify: {
    base_url: 'https://verify.twilio.com',
    request: (sms, config) => ({
      path: `/v2/Services/${config.sms_twilio_verify_message_service_sid}/Verifications`,
      headers: { authorization: basic(config.sms_twilio_verify_account_sid, config.sms_twilio_verify_auth_token) },
      form: { To: `+${sms.phone}`, Channel: sms.channel },
    }),
    problem: twilioProblem,
  },
  messagebird: {
    base_url: 'https://rest.messagebird.com',
    request: (sms, config) => ({
      path: '/messages',
      headers: { authorization: `AccessKey ${config.sms_messagebird_access_key}` },
      form: {
        originator: config.sms_messagebird_originator,
        body: sms.text,
        recipients: sms.phone,
        type: 'sms',
        datacoding: 'unicode',
      },
    }),
    problem(status, answer) {
      if (!isFine(status)) return text(first(answer.errors).description) || `status ${status}`
      const sent = Number(Reflect.get(Object(answer.recipients), 'totalSentCount') ?? 0)
      return sent > 0 ? null : `messagebird error: total sent count is ${sent}`
    },
  },
  textlocal: {
    base_url: 'https://api.textlocal.in',
    request: (sms, config) => ({
      path: '/send',
      form: {
        sender: config.sms_textlocal_sender,
        apikey: config.sms_textlocal_api_key,
        message: sms.text,
        numbers: sms.phone,
      },
    }),
    problem(_, answer, sms) {
      if (answer.status === 'success') return null
      const error = first(answer.errors)
      const id = text(first(answer.messages).id)
      const base = `textlocal error: ${text(error.message)} (code: ${text(error.code)})`
      return error.code === 80 ? `${base} template message: ${sms.text}` : `${base} message ${id}`
    },
  },
  vonage: {
    base_url: 'https://rest.nexmo.com',
    request: (sms, config) => ({
      path: '/sms/json',
      form: {
        from: config.sms_vonage_from,
        to: sms.phone,
        text: sms.text,
        api_key: config.sms_vonage_api_key,
        api_secret: config.sms_vonage_api_secret,
        ...(/[^\u0000-\u007f]/.test(sms.text) && { type: 'unicode' }),
      },
    }),
    problem(_, answer) {
      if (!Array.isArray(answer.messages) || answer.messages.length === 0) return 'vonage error: Internal Error'
      const message = first(answer.messages)
      if (text(message.status) === '0') return null
      return `vonage error: ${text(message['error-text'])} (status: ${text(message.status)}) for message ${text(message['message-id'])}`
    },
  },
  http: {
    base_url: '',
    request: (sms, config) => ({
      path: '',
      headers: readHeaders(config.sms_http_headers),
      json: { phone: `+${sms.phone}`, otp: sms.otp, text: sms.text, channel: sms.channel },
    }),
    problem: (status, answer) => (status >= 200 && status < 300 ? null : text(answer.message) || `status ${status}`),
  },
}

function readHeaders(json: string): Record<string, string> {
  if (json === '') return {}
  return Object.fromEntries(Object.entries(JSON.parse(json) as object).map(([name, value]) => [name, String(value)]))
}
