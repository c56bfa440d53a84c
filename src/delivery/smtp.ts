// The mail server, by nodemailer.
import { format } from 'node:util'
import nodemailer from 'nodemailer'
import type { Config } from '../config/keys.ts'
import { jsonObjectOrNull } from '../json-values.ts'
import type { Logger } from '../log.ts'
import { buildMessage } from './build-message.ts'
import { type OutgoingMail, RefusedMail } from './deliver-mail.ts'
import { isOneRecipient } from './is-one-recipient.ts'
import { logInToMailServer } from './log-in-to-mail-server.ts'
import { readSmtpFailure } from './smtp-failure.ts'

/** Connections to the mail server. */
export interface SmtpTransport {
  /**
   * Sends a mail, within 45 seconds.
   * @throws RefusedMail when the server refuses it for good; MailServerDown when it takes no mail; Error when it may later
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
  | 'smtp_insecure'
  | 'smtp_admin_email'
  | 'smtp_sender_name'
  | 'smtp_headers'
  | 'smtp_logging_enabled'
  | 'api_external_url'
>

const connect_ms = 10_000
// Shorter than the lease of a mail, so that no other process sends it meanwhile.
const send_ms = 45_000

const settings = (config: MailConfig) => ({
  host: config.smtp_host,
  port: config.smtp_port,
  secure: config.smtp_port === 465,
  name: hostOf(config),
  connectionTimeout: connect_ms,
  greetingTimeout: connect_ms,
  dnsTimeout: connect_ms,
  socketTimeout: 30_000,
  requireTLS: needsTls(config),
  ...(config.smtp_user !== '' && {
    auth: { user: config.smtp_user, pass: config.smtp_pass, method: 'BEST' },
    customAuth: { BEST: logInToMailServer },
  }),
})

/** Whether a login must not go over this connection in clear (security REV-17). */
const needsTls = ({ smtp_host, smtp_user, smtp_insecure }: MailConfig): boolean =>
  smtp_user !== '' && !smtp_insecure && !/^(localhost|.*\.localhost|127\.[\d.]+|::1)$/i.test(smtp_host)

const hostOf = ({ api_external_url }: MailConfig): string =>
  URL.canParse(api_external_url) ? new URL(api_external_url).hostname : 'localhost'

/** Opens connections as they are needed, five at most. */
export function createSmtpTransport(config: MailConfig, log: Logger): SmtpTransport {
  const transport = nodemailer.createTransport({
    ...settings(config),
    pool: true,
    maxConnections: 5,
    maxMessages: 100,
    // The outbox tries again itself.
    maxRequeues: 1,
    ...(config.smtp_logging_enabled && { logger: conversationLog(log), transactionLog: true }),
  })
  const headersOf = readHeaders(config.smtp_headers, log)
  return {
    async send(mail) {
      // Whatever let it come this far, an address must not become two, another or a command: the library reads lists and names.
      if (!isOneRecipient(mail.to)) throw new RefusedMail('the recipient is no address')
      try {
        const raw = await buildMessage(mail, { sender: config, host: hostOf(config), headers: headersOf(mail.kind) })
        await transport.sendMail({
          envelope: { from: config.smtp_admin_email, to: [mail.to] },
          raw,
          signal: AbortSignal.timeout(send_ms),
        })
      } catch (error) {
        throw readSmtpFailure(error, mail.to)
      }
    },
    close: () => transport.close(),
  }
}

/**
 * Connects and logs in; for `postern doctor`.
 * @throws Error with what went wrong
 */
export async function verifySmtp(config: MailConfig): Promise<void> {
  const transport = nodemailer.createTransport(settings(config))
  try {
    await transport.verify()
  } finally {
    transport.close()
  }
}

/** GOTRUE_SMTP_HEADERS: `$messageType` stands for the kind; what is no JSON object is ignored with a warning. */
function readHeaders(text: string, log: Logger): (kind: string) => { key: string; value: string }[] {
  if (text === '') return () => []
  const headers = jsonObjectOrNull(text)
  if (!headers) log.warn({}, 'GOTRUE_SMTP_HEADERS is no JSON object and is ignored')
  const entries = Object.entries(headers ?? {}).flatMap(([key, values]) =>
    [values].flat().map((value) => ({ key, value: String(value) })),
  )
  return (kind) => {
    const type = kind === 'reauthentication' ? 'reauthenticate' : kind
    return entries.map(({ key, value }) => ({ key, value: value.replaceAll('$messageType', type) }))
  }
}

/** GOTRUE_SMTP_LOGGING_ENABLED: commands and answers; what mails say and the login are left out. */
function conversationLog(log: Logger) {
  const write = (about: object, ...message: unknown[]) =>
    log.info({ smtp: Reflect.get(about, 'tnx') }, format(...message))
  return { trace: write, debug: write, info: write, warn: write, error: write, fatal: write }
}
