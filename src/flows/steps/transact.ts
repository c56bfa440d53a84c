// Transactions of flows: a network call that one depends on is made between two runs of it, and what tells of it follows the commit.
import type { Ctx } from '../../context.ts'
import type { ComposedMail } from '../../delivery/delivery.ts'
import { isUniqueViolation, type Queryable } from '../../storage/db.ts'

/** An open transaction of a flow. */
export interface Tx extends Queryable {
  /**
   * Makes a network call that the transaction depends on. The first time a key is reached the transaction is rolled
   * back, the call is made, and the transaction runs again and finds the result here.
   */
  outside<T>(key: string, call: () => Promise<T>): Promise<T>
  /** Puts a mail into the outbox; it is sent after the commit. */
  enqueue(mail: ComposedMail): Promise<void>
  /** Does something at once after the commit, and not at all without one. */
  afterCommit(work: () => void): void
}

/** Whether statements run in an open transaction of a flow. */
export const isTx = (place: Queryable): place is Tx => 'afterCommit' in place

/** Thrown inside a transaction to leave it: a call has to be made first. */
class CallFirst extends Error {
  readonly key: string
  readonly call: () => Promise<unknown>

  constructor(key: string, call: () => Promise<unknown>) {
    super(`the transaction waits for ${key}`)
    this.key = key
    this.call = call
  }
}

const maxCalls = 6

/**
 * Runs `work` in a transaction, and wakes the outbox once it is committed. Identifiers and secrets that `work` uses
 * must be made beforehand, since it may run again.
 */
export async function transact<T>(ctx: Ctx, work: (tx: Tx) => Promise<T>): Promise<T> {
  const results = new Map<string, unknown>()
  const outside: Tx['outside'] = async <R>(key: string, call: () => Promise<R>): Promise<R> => {
    if (!results.has(key)) throw new CallFirst(key, call)
    return results.get(key) as R
  }
  for (;;) {
    try {
      let hasMail = false
      const after: (() => void)[] = []
      const done = await ctx.db.transaction((tx) =>
        work({
          query: (text, params) => tx.query(text, params),
          outside,
          enqueue(mail) {
            hasMail = true
            return ctx.delivery.enqueueMail(tx, mail)
          },
          afterCommit: (then) => void after.push(then),
        }),
      )
      if (hasMail) ctx.delivery.kick()
      for (const then of after) then()
      return done
    } catch (error) {
      if (!(error instanceof CallFirst) || results.size >= maxCalls) throw error
      results.set(error.key, await error.call())
    }
  }
}

/**
 * Runs work again, twice at most, when somebody else was faster with the same identity or address: of sign-ins that
 * happen at once for the first time, whoever was second finds the account of the first.
 */
export async function afterTheFirst<T>(work: () => Promise<T>): Promise<T> {
  for (let again = 2; ; again--) {
    try {
      return await work()
    } catch (error) {
      if (again === 0 || !isUniqueViolation(error)) throw error
    }
  }
}
