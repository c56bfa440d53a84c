// Sends text messages with the configured sender.
import type { Config } from '../config/keys.ts'
import { smsProviderOf, smsSettings } from '../config/sms-settings.ts'
import { jsonObjectOrNull } from '../json-values.ts'
import { type Sms, smsSenders } from './sms-senders.ts'
import { parseTemplate, renderText, type Template, TemplateError } from './template/template.ts'

/** The sender of a server. */
export interface SmsSender {
  /**
   * Sends a code.
   * @returns the sender's name of the message, if it gave one that answers show
   * @throws Error with what the sender said
   */
  send(sms: Omit<Sms, 'text'>): Promise<string | null>
  /** Asks the sender whether a code is right, where it makes the codes itself (Twilio Verify); else null. */
  check: ((phone: string, code: string) => Promise<boolean>) | null
}

const timeout_ms = 10_000
const maxBytes = 65_536

/**
 * Null when no sender is configured, or not completely.
 * @throws Error that names the variable of a template which cannot be read
 */
export function createSmsSender({
  config,
  template_key,
  fetch,
}: {
  config: Config
  template_key: 'sms_template' | 'mfa_phone_template'
  fetch: typeof globalThis.fetch
}): SmsSender | null {
  const provider = smsProviderOf(config.sms_provider)
  if (!provider || smsSettings[provider].some((name) => config[name] === '')) return null
  const data = smsSenders[provider]
  const template = readTemplate(`GOTRUE_${template_key.toUpperCase()}`, config[template_key])
  const base = config.sms_base_url || data.base_url || config.sms_http_url

  async function call(
    path: string,
    request: { headers?: Record<string, string>; form?: Record<string, string>; json?: unknown },
  ) {
    const response = await fetch(base.replace(/\/+$/, '') + path, {
      method: 'POST',
      headers: { ...(request.json !== undefined && { 'content-type': 'application/json' }), ...request.headers },
      body: request.json === undefined ? new URLSearchParams(request.form) : JSON.stringify(request.json),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout_ms),
    })
    const text = (await response.text()).slice(0, maxBytes)
    return { status: response.status, answer: jsonObjectOrNull(text) ?? {} }
  }

  return {
    async send(message) {
      const sms = { ...message, text: renderText(template, { Code: message.otp }) }
      const request = data.request(sms, config)
      const { status, answer } = await call(request.path, request)
      const problem = data.problem(status, answer, sms)
      if (problem !== null) throw new Error(problem)
      return null
    },
    check:
      config.sms_provider === 'twilio_verify'
        ? async (phone, code) => {
            const request = data.request({ phone, otp: code, text: '', channel: 'sms' }, config)
            const { status, answer } = await call(request.path.replace(/Verifications$/, 'VerificationCheck'), {
              ...request,
              form: { To: `+${phone}`, Code: code },
            })
            return (status === 200 || status === 201) && answer.status === 'approved' && answer.valid === true
          }
        : null,
  }
}

function readTemplate(variable: string, text: string): Template {
  try {
    return parseTemplate(text || 'Your code is {{ .Code }}')
  } catch (error) {
    if (error instanceof TemplateError) throw new Error(`${variable} is no template: ${error.message}`)
    throw error
  }
}
