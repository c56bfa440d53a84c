// The mail server, by nodemailer.
import nodemailer from 'nodemailer'
import type { Config } from '../config/keys.ts'
import type { Logger } from '../context.ts'
import { type OutgoingMail, RefusedMail } from './outbox.ts'

/** A connection to the mail server. */
export interface SmtpTransport {
  /**
   * Sends a mail.
   * @throws RefusedMail when the server refuses the recipient or content for good; Error when it may work later
   */
  send(mail: OutgoingMail): Promise<void>
  close(): void
}

type MailConfig = Pick<
  Config,
  | 'smtp_host'
  | 'smtp_port'
  | 'smtp_user'
  | 'smtp_pass'
  | 'smtp_admin_email'
  | 'smtp_sender_name'
  | 'smtp_headers'
  | 'smtp_logging_enabled'
  | 'api_external_url'
>

const timeout_ms = 10_000

const settings = (config: MailConfig) => ({
  host: config.smtp_host,
  port: config.smtp_port,
  secure: config.smtp_port === 465,
  name: URL.canParse(config.api_external_url) ? new URL(config.api_external_url).hostname : 'localhost',
  connectionTimeout: timeout_ms,
  greetingTimeout: timeout_ms,
  socketTimeout: 30_000,
  ...(config.smtp_user !== '' && { auth: { user: config.smtp_user, pass: config.smtp_pass } }),
})

/** Opens connections as they are needed, five at most. */
export function createSmtpTransport(config: MailConfig, log: Logger): SmtpTransport {
  const transport = nodemailer.createTransport({ ...settings(config), pool: true, maxConnections: 5, maxMessages: 100 })
  const builder = nodemailer.createTransport({ streamTransport: true, buffer: true })
  const headersOf = readHeaders(config.smtp_headers, log)
  return {
    async send(mail) {
      try {
        const { message } = await builder.sendMail({
          from: { name: config.smtp_sender_name, address: config.smtp_admin_email },
          to: { name: '', address: mail.to },
          subject: mail.subject,
          html: mail.html,
          ...(mail.text !== '' && { text: mail.text }),
          textEncoding: 'quoted-printable',
          messageId: `<${mail.id}@${settings(config).name}>`,
          headers: headersOf(mail.kind),
        })
        const raw = asRecorded(String(message), config)
        const sent = await transport.sendMail({ envelope: { from: config.smtp_admin_email, to: [mail.to] }, raw })
        if (config.smtp_logging_enabled) log.info({ kind: mail.kind, response: sent.response }, 'a mail was sent')
      } catch (error) {
        const code = Number(Reflect.get(Object(error), 'responseCode'))
        const isRecipient = Reflect.get(Object(error), 'code') === 'EENVELOPE' || Reflect.get(Object(error), 'code') === 'EMESSAGE'
        if (isRecipient && code >= 500 && code < 600)
          throw new RefusedMail(`the mail server answered ${code}`, { cause: error })
        throw error
      }
    },
    close: () => transport.close(),
  }
}

/** The headers as the reference writes them: the sender's name always in quotes, UTF-8 in capitals. */
function asRecorded(message: string, { smtp_sender_name: name, smtp_admin_email: address }: MailConfig): string {
  const end = message.indexOf('\r\n\r\n')
  const isPlain = /^[\x20-\x7e]+$/.test(name)
  const head = message
    .slice(0, end)
    .replace(/^(Content-Type: text\/(?:html|plain); charset=)utf-8$/im, '$1UTF-8')
    .replace(/^From: .*$/im, (line) => (isPlain ? `From: "${name.replace(/[\\"]/g, '\\$&')}" <${address}>` : line))
  return head + message.slice(end)
}

/** Connects and signs in; for `postern doctor`. */
export async function verifySmtp(config: MailConfig): Promise<void> {
  const transport = nodemailer.createTransport(settings(config))
  try {
    await transport.verify()
  } finally {
    transport.close()
  }
}

/** GOTRUE_SMTP_HEADERS: `$messageType` stands for the kind; what is no JSON is ignored with a warning. */
function readHeaders(text: string, log: Logger): (kind: string) => { key: string; value: string }[] {
  if (text === '') return () => []
  try {
    const parsed: unknown = JSON.parse(text)
    const entries = Object.entries(Object(parsed)).flatMap(([key, values]) =>
      [values].flat().map((value) => ({ key, value: String(value) })),
    )
    return (kind) =>
      entries.map(({ key, value }) => ({
        key,
        value: value.replaceAll('$messageType', kind === 'reauthentication' ? 'reauthenticate' : kind),
      }))
  } catch {
    log.warn({}, 'GOTRUE_SMTP_HEADERS is no JSON and is ignored')
    return () => []
  }
}
