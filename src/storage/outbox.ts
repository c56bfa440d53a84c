// Table postern.outbox: mails to be sent, written in the transaction that caused them.
import type { Queryable } from './db.ts'

/** A mail to be sent; `sealed` is its encrypted content. */
export interface NewMail {
  id: string
  kind: string
  recipient: string
  /** Null for a mail that is about nobody's account. */
  user_id: string | null
  sealed: string
  token_hashes: string[]
  expires_in_s: number
}

/** A mail that is leased to whoever asked. */
export interface DueMail {
  id: string
  kind: string
  recipient: string
  sealed: string
  attempts: number
}

/** Queues a mail; it is seen by senders once the transaction commits. */
export async function insertMail(tx: Queryable, mail: NewMail): Promise<void> {
  await tx.query(
    `insert into postern.outbox (id, kind, recipient, user_id, sealed, token_hashes, expires_at)
      values ($1, $2, $3, $4, $5, $6::text[], now() + $7::float8 * interval '1 second')`,
    [mail.id, mail.kind, mail.recipient, mail.user_id, mail.sealed, mail.token_hashes, mail.expires_in_s],
  )
}

/**
 * Leases mails that are due for so many seconds; deletes those that expired and those whose tokens were used or replaced.
 * Several senders never get the same mail while its lease lasts.
 */
export async function leaseMails(db: Queryable, limit: number, lease_s: number): Promise<DueMail[]> {
  return db.query<DueMail>(
    `with due as (
        select o.id, o.expires_at <= now() or (o.token_hashes <> '{}' and not exists (
            select from auth.one_time_tokens t where t.user_id = o.user_id and t.token_hash = any (o.token_hashes))) as is_useless
          from postern.outbox o
          where o.next_attempt_at <= now() and (o.locked_until is null or o.locked_until <= now())
          order by o.next_attempt_at limit $1 for update skip locked),
      dropped as (delete from postern.outbox o using due where o.id = due.id and due.is_useless)
      update postern.outbox o set locked_until = now() + $2::float8 * interval '1 second' from due
        where o.id = due.id and not due.is_useless
        returning o.id, o.kind, o.recipient, o.sealed, o.attempts`,
    [limit, lease_s],
  )
}

/** Removes a mail that was sent, with its content. */
export async function deleteMail(db: Queryable, id: string): Promise<void> {
  await db.query('delete from postern.outbox where id = $1', [id])
}

/** Gives a mail back that could not be sent, to be tried again after so many seconds. */
export async function postponeMail(db: Queryable, id: string, wait_s: number, problem: string): Promise<void> {
  await db.query(
    `update postern.outbox set locked_until = null, attempts = attempts + 1, last_error = $3,
        next_attempt_at = now() + $2::float8 * interval '1 second' where id = $1`,
    [id, wait_s, problem],
  )
}

/** How a mail fares; undefined once it was sent or refused for good. */
export async function findMail(
  db: Queryable,
  id: string,
): Promise<{ attempts: number; last_error: string | null } | undefined> {
  const [mail] = await db.query<{ attempts: number; last_error: string | null }>(
    'select attempts, last_error from postern.outbox where id = $1',
    [id],
  )
  return mail
}

/** Mails that wait. */
export interface OutboxSummary {
  waiting: number
  /** Those that failed at least once. */
  failing: number
  /** Seconds that the oldest has waited. */
  oldest_s: number
  /** What the last failure said. */
  last_error: string | null
}

/** How the queue fares. */
export async function summarizeOutbox(db: Queryable): Promise<OutboxSummary> {
  const [row] = await db.query<OutboxSummary>(
    `select count(*) as waiting, count(*) filter (where attempts > 0) as failing,
        coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest_s,
        (array_agg(last_error order by next_attempt_at desc) filter (where last_error is not null))[1] as last_error
      from postern.outbox`,
  )
  return row ?? { waiting: 0, failing: 0, oldest_s: 0, last_error: null }
}

/** How many mails are due or being sent; those that wait for another try do not count. */
export async function countDueMails(db: Queryable): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    'select count(*)::int as n from postern.outbox where next_attempt_at <= now()',
  )
  return row?.n ?? 0
}
