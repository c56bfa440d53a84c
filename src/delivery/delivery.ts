// Mail: rendered before a transaction, queued within it, sent after it.
import { randomUUID } from 'node:crypto'
import type { Config, MailKind } from '../config/keys.ts'
import type { ServerSealer } from '../crypto/server-sealer.ts'
import { AuthError } from '../errors.ts'
import { type Locale, tagsOfMetadata } from '../locale.ts'
import type { Logger } from '../log.ts'
import type { Meter } from '../meter.ts'
import type { Db, Queryable } from '../storage/db.ts'
import { htmlToText } from './html-to-text.ts'
import { mailKindData } from './mail-kinds.ts'
import type { MailRequest } from './mail-request.ts'
import type { MailTexts } from './mail-texts.ts'
import { createOutbox, type OutboxStore, type OutboxTimes } from './outbox.ts'
import type { MailSources } from './preview-mail.ts'
import { createSmtpTransport } from './smtp.ts'
import { renderHtml, renderText, TemplateError } from './template/template.ts'
import { createTemplateStore } from './template-store.ts'
import { templateValues } from './template-values.ts'

/** A rendered mail. */
export interface ComposedMail {
  id: string
  kind: MailKind
  to: string
  user_id: string
  token_hashes: string[]
  expires_in_s: number
  subject: string
  html: string
  text: string
  /** The tag of its language; `''` where mails are in one language. */
  locale: string
}

/** The delivery of a server. */
export interface Delivery {
  /** Whether a mail server is configured; without one mails are dropped, with a warning. */
  configured: boolean
  /**
   * Renders a mail; templates may be fetched, so never in a transaction.
   * @throws AuthError 500 unexpected_failure when a template cannot be rendered with these data
   */
  composeMail(request: MailRequest): Promise<ComposedMail>
  /** The templates of a kind as they are now in a language, as text; may fetch. */
  sourcesOf(kind: MailKind, locale: string): Promise<MailSources>
  /** Writes the outbox row in the caller's transaction. */
  enqueueMail(tx: Queryable, mail: ComposedMail): Promise<void>
  /** Starts to send what is due, without waiting; call after the commit. */
  kick(): void
  /** Resolves when no mail is due or being sent; mails that wait for another try do not count. */
  idle(): Promise<void>
  /** Lets running sends end, for ten seconds at most, and stops. */
  stop(): Promise<void>
}

/** What delivery needs. */
export interface DeliveryOptions {
  config: Config
  db: Db
  outbox: OutboxStore
  sealer: ServerSealer
  /** The texts of mails that look like the pages, in a language. */
  mail_texts(locale: Locale): MailTexts
  fetch: typeof globalThis.fetch
  log: Logger
  now(): number
  meter?: Meter
  /** Whether this process looks for mails of others at present; always by default. */
  keeps?: () => boolean
  /** Other times than the usual ones; tests cannot wait that long. */
  outbox_times?: Partial<OutboxTimes>
}

/** Wires templates, outbox and mail server together. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { config, db, outbox: store, sealer, log } = options
  const templates = createTemplateStore(options)
  const configured = config.smtp_host !== ''
  const transport = configured ? createSmtpTransport(config, log) : null
  const outbox =
    transport &&
    createOutbox({
      db,
      store,
      sealer,
      log,
      send: transport.send,
      ...(options.meter && { meter: options.meter }),
      ...(options.keeps && { keeps: options.keeps }),
      ...options.outbox_times,
    })
  let dropped = 0

  return {
    configured,
    async composeMail(request) {
      const { kind } = request
      const languages = [...tagsOfMetadata(request.data), ...request.languages]
      try {
        const { subject, body, text, choice } = await templates.templatesOf(kind, languages)
        const values = templateValues(config, request, choice.locale)
        const html = renderHtml(body, values)
        return {
          id: randomUUID(),
          kind,
          to: request.to,
          user_id: request.user_id,
          token_hashes: request.token_hashes ?? [],
          expires_in_s: request.expires_in_s,
          subject: oneLine(renderText(subject, values)),
          html,
          text: text ? renderText(text, values) : config.mail_text ? htmlToText(html) : '',
          locale: choice.is_by_locale ? choice.locale : '',
        }
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        throw new AuthError(500, 'unexpected_failure', `Error sending ${mailKindData[kind].purpose} email`, {
          cause: error,
        })
      }
    },
    async sourcesOf(kind, locale) {
      const { subject, body } = await templates.templatesOf(kind, [locale])
      return { subject: subject.source, body: body.source }
    },
    async enqueueMail(tx, mail) {
      if (!configured) {
        dropped++
        log.warn({ kind: mail.kind, dropped }, 'a mail was dropped: GOTRUE_SMTP_HOST is not set')
        return
      }
      const { subject, html, text, locale } = mail
      await store.insertMail(tx, {
        ...mail,
        recipient: mail.to,
        sealed: sealer.seal(JSON.stringify({ subject, html, text, locale })),
      })
    },
    kick: () => outbox?.kick(),
    idle: async () => outbox?.idle(),
    async stop() {
      templates.stop()
      await outbox?.stop()
      transport?.close()
    },
  }
}

/** A subject is one line, and people's data cannot make it endless. */
const oneLine = (text: string): string =>
  [...text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()].slice(0, 900).join('')
