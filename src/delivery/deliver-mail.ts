// Sends one mail of the outbox and settles its row: sent, refused for good, or to be tried again.

import type { ServerSealer } from '../crypto/server-sealer.ts'
import type { Logger } from '../log.ts'
import { type Meter, noMeter } from '../meter.ts'
import type { Db, Queryable } from '../storage/db.ts'

/** A row that is due, leased to this process. */
export interface LeasedMail {
  id: string
  kind: string
  recipient: string
  sealed: string
  attempts: number
}

/** A mail as the transport gets it. */
export interface OutgoingMail {
  id: string
  kind: string
  to: string
  subject: string
  html: string
  text: string
  /** The tag of its language, if it has one of several. */
  locale?: string
}

/** The mail server refused this mail for good. */
export class RefusedMail extends Error {}

/** The mail server takes no mail at all for now. */
export class MailServerDown extends Error {}

/** What sending needs. */
export interface DeliverOptions {
  db: Db
  store: {
    deleteMail(db: Queryable, id: string): Promise<void>
    postponeMail(db: Queryable, id: string, wait_s: number, problem: string): Promise<void>
  }
  sealer: ServerSealer
  log: Logger
  send(mail: OutgoingMail): Promise<void>
  backoff_ms?: number
  meter?: Meter
}

const longestBackoff_ms = 600_000

/** Makes the function that sends one mail and settles its row; it never fails and tells whether the server is down. */
export function createDeliver(options: DeliverOptions): (mail: LeasedMail) => Promise<boolean> {
  const { db, store, sealer, log, send, backoff_ms = 2000, meter = noMeter } = options
  // Mails whose rows could not be deleted: this process does not send them again.
  const sent = new Set<string>()

  async function attempt(mail: LeasedMail): Promise<void> {
    const content = JSON.parse(sealer.open(mail.sealed)) as Pick<OutgoingMail, 'subject' | 'html' | 'text' | 'locale'>
    const started = performance.now()
    const measure = (outcome: string) => {
      meter.time('mail_sends', { kind: mail.kind, outcome }, performance.now() - started)
      meter.count('mails', {})
      if (outcome !== 'ok') meter.count('mail_errors', {})
    }
    try {
      await send({ id: mail.id, kind: mail.kind, to: mail.recipient, ...content })
    } catch (error) {
      measure(error instanceof RefusedMail ? 'refused' : 'failed')
      throw error
    }
    measure('ok')
    sent.add(mail.id)
  }
  async function settle(mail: LeasedMail, error: unknown): Promise<void> {
    const about = { kind: mail.kind, domain: mail.recipient.split('@').at(-1), attempts: mail.attempts + 1 }
    if (error instanceof RefusedMail) {
      log.error({ err: error, ...about }, 'the mail server refused a mail for good')
      return store.deleteMail(db, mail.id)
    }
    log.warn({ err: error, ...about }, 'a mail could not be sent and will be tried again')
    const wait_ms = Math.min(longestBackoff_ms, backoff_ms * 2 ** Math.min(mail.attempts, 20))
    const problem = error instanceof Error ? error.message.slice(0, 200) : 'unknown'
    return store.postponeMail(db, mail.id, (wait_ms / 1000) * (0.8 + 0.4 * Math.random()), problem)
  }
  return async (mail: LeasedMail): Promise<boolean> => {
    let failure: unknown = null
    if (!sent.has(mail.id))
      failure = await attempt(mail).then(
        () => null,
        (error: unknown) => error,
      )
    try {
      if (failure !== null) await settle(mail, failure)
      else {
        await store.deleteMail(db, mail.id)
        sent.delete(mail.id)
      }
    } catch (error) {
      log.warn({ err: error, kind: mail.kind }, 'the outbox could not be written')
    }
    return failure instanceof MailServerDown
  }
}
