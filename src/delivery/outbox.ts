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
  countDueMails(db: Queryable): Promise<number>
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

/** The mail server takes no mail at all for now. */
export class MailServerDown extends Error {}

/** Sends from the outbox. */
export interface Outbox {
  /** Looks for mails now, without waiting. */
  kick(): void
  /** Resolves when no mail is due or being sent. */
  idle(): Promise<void>
  /** Takes no more mails and waits, ten seconds at most, for those being sent. */
  stop(): Promise<void>
}

/** Times of an outbox. */
export interface OutboxTimes {
  /** Milliseconds between two looks for mails of other processes or earlier tries; 2000 by default. */
  poll_ms: number
  /** Milliseconds to wait after the first failure, doubled with each up to ten minutes; 2000 by default. */
  backoff_ms: number
  /** Seconds for which a mail is not given to another process; 60 by default, longer than a try lasts. */
  lease_s: number
}

/** What the outbox needs. */
export interface OutboxOptions extends Partial<OutboxTimes> {
  db: Db
  store: OutboxStore
  box: ServerBox
  log: Logger
  send(mail: OutgoingMail): Promise<void>
}

const slots = 10
const longestBackoff_ms = 600_000
const grace_ms = 10_000

/** Begins to look for mails; timers do not keep the process alive. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { db, store, log, poll_ms = 2000, lease_s = 60 } = options
  const deliver = createDeliver(options)
  const sending = new Set<Promise<void>>()
  let leasing: Promise<void> | null = null
  let wanted = false
  let stopped = false
  // Half of the slots are free before more is leased, so that one statement serves several mails.
  const hasRoom = () => sending.size <= slots / 2

  function begin(mail: LeasedMail): void {
    const run = deliver(mail).then((isDown) => {
      sending.delete(run)
      // With the server down the rest of a long queue waits for the next look, instead of failing one by one.
      if (isDown) wanted = false
      else if (wanted) kick()
    })
    sending.add(run)
  }
  async function lease(): Promise<void> {
    while (wanted && !stopped && hasRoom()) {
      wanted = false
      const free = slots - sending.size
      const mails = await store.leaseMails(db, free, lease_s)
      for (const mail of mails) begin(mail)
      if (mails.length === free) wanted = true
    }
  }
  function kick(): void {
    wanted = true
    if (leasing || stopped) return
    leasing = lease()
      .catch((error: unknown) => log.warn({ err: error }, 'the outbox could not be read'))
      .finally(() => {
        leasing = null
        if (wanted && hasRoom()) kick()
      })
  }
  const timer = setInterval(kick, poll_ms).unref()
  return {
    kick,
    async idle() {
      while (!stopped) {
        kick()
        await leasing
        await Promise.all(sending)
        if ((await store.countDueMails(db)) === 0) return
        await pause(20)
      }
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await leasing
      await Promise.race([Promise.all(sending), pause(grace_ms)])
    },
  }
}

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms).unref())

/** Makes the function that sends one mail and settles its row; it never fails and tells whether the server is down. */
function createDeliver({ db, store, box, log, send, backoff_ms = 2000 }: OutboxOptions) {
  // Mails whose rows could not be deleted: this process does not send them again.
  const sent = new Set<string>()

  async function attempt(mail: LeasedMail): Promise<void> {
    const { subject, html, text } = JSON.parse(box.open(mail.sealed)) as Record<'subject' | 'html' | 'text', string>
    await send({ id: mail.id, kind: mail.kind, to: mail.recipient, subject, html, text })
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
    if (!sent.has(mail.id)) failure = await attempt(mail).then(() => null, (error: unknown) => error)
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
