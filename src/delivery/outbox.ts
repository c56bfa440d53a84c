// Sends what waits in the outbox: leased, at least once, with back-off, never once its token is replaced or expired.
import type { Logger } from '../context.ts'
import type { ServerBox } from '../crypto/secret-box.ts'
import type { Db, Queryable } from '../storage/db.ts'

/** A row that is due, leased to this process. */
export interface LeasedMail {
  id: string
  kind: string
  recipient: string
  sealed: string
  attempts: number
}

/** The statements of storage/outbox.ts. */
export interface OutboxStore {
  insertMail(
    tx: Queryable,
    mail: {
      id: string
      kind: string
      recipient: string
      user_id: string
      sealed: string
      token_hashes: string[]
      expires_in_s: number
    },
  ): Promise<void>
  leaseMails(db: Queryable, limit: number, lease_s: number): Promise<LeasedMail[]>
  deleteMail(db: Queryable, id: string): Promise<void>
  postponeMail(db: Queryable, id: string, wait_s: number, problem: string): Promise<void>
  waitingMails(db: Queryable): Promise<number>
}

/** A mail as the transport gets it. */
export interface OutgoingMail {
  id: string
  kind: string
  to: string
  subject: string
  html: string
  text: string
}

/** The mail server refused this mail for good. */
export class RefusedMail extends Error {}

/** Sends from the outbox. */
export interface Outbox {
  kick(): void
  idle(): Promise<void>
  stop(): Promise<void>
}

/** What the outbox needs; intervals in milliseconds. */
export interface OutboxOptions {
  db: Db
  store: OutboxStore
  box: ServerBox
  log: Logger
  send(mail: OutgoingMail): Promise<void>
  /** Time between two looks for mails of other processes or earlier tries. */
  poll_ms?: number
  /** Wait after the first failure; it doubles up to ten minutes. */
  backoff_ms?: number
}

const batch = 10
const lease_s = 60

/** Begins to look for mails; timers do not keep the process alive. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { db, store, log } = options
  let running: Promise<void> | null = null
  let again = false
  let stopped = false

  async function run(): Promise<void> {
    do {
      again = false
      const mails = await store.leaseMails(db, batch, lease_s)
      await Promise.all(mails.map((mail) => deliver(options, mail)))
      if (mails.length === batch) again = true
    } while (again && !stopped)
  }
  const kick = (): void => {
    again = true
    if (running || stopped) return
    running = run()
      .catch((error: unknown) => log.warn({ err: error }, 'the outbox could not be read'))
      .finally(() => {
        running = null
        if (again && !stopped) kick()
      })
  }
  const timer = setInterval(kick, options.poll_ms ?? 2000).unref()
  kick()
  return {
    kick,
    async idle() {
      for (;;) {
        kick()
        await running
        if ((await store.waitingMails(db)) === 0) return
        await new Promise((wake) => setTimeout(wake, 20))
      }
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}

async function deliver({ db, store, box, log, send, backoff_ms = 2000 }: OutboxOptions, mail: LeasedMail): Promise<void> {
  const domain = mail.recipient.split('@').at(-1)
  try {
    const { subject, html, text } = JSON.parse(box.open(mail.sealed)) as Record<'subject' | 'html' | 'text', string>
    await send({ id: mail.id, kind: mail.kind, to: mail.recipient, subject, html, text })
    await store.deleteMail(db, mail.id)
  } catch (error) {
    if (error instanceof RefusedMail) {
      log.error({ err: error, kind: mail.kind, domain }, 'the mail server refused a mail for good')
      await store.deleteMail(db, mail.id)
      return
    }
    const wait_s = (Math.min(600_000, backoff_ms * 2 ** Math.min(mail.attempts, 12)) / 1000) * (0.8 + 0.4 * Math.random())
    log.warn({ err: error, kind: mail.kind, domain, attempts: mail.attempts + 1 }, 'a mail could not be sent and will be tried again')
    const problem = error instanceof Error ? error.message.slice(0, 200) : 'unknown'
    await store.postponeMail(db, mail.id, wait_s, problem).catch((failure: unknown) => log.warn({ err: failure }, 'the outbox could not be written'))
  }
}
