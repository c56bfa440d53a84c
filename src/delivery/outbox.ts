// Sends what waits in the outbox: leased, at least once, with back-off, never once its token is replaced or expired.

import type { ServerSealer } from '../crypto/server-sealer.ts'
import type { Logger } from '../log.ts'
import type { Meter } from '../meter.ts'
import type { Db, Queryable } from '../storage/db.ts'
import { createDeliver, type LeasedMail, type OutgoingMail } from './deliver-mail.ts'

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
  sealer: ServerSealer
  log: Logger
  send(mail: OutgoingMail): Promise<void>
  meter?: Meter
  /** Whether this process looks for mails of others and of earlier tries at present; always by default. */
  keeps?(): boolean
}

const slots = 10
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
  const look = () => {
    if (options.keeps?.() ?? true) kick()
  }
  const timer = setInterval(look, poll_ms).unref()
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
