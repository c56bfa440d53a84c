// Transactions that need an answer from the network: the call is made between two runs, never inside one.
import type { Ctx } from '../../context.ts'
import type { Queryable } from '../../storage/db.ts'

/**
 * Makes a network call that a transaction depends on. The first time a key is reached the transaction is rolled back,
 * the call is made, and the transaction runs again and finds the result here.
 */
export type Outside = <T>(key: string, call: () => Promise<T>) => Promise<T>

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

/** Runs `work` in a transaction; identifiers and secrets it uses must be made beforehand, since it may run again. */
export async function transact<T>(ctx: Ctx, work: (tx: Queryable, outside: Outside) => Promise<T>): Promise<T> {
  const results = new Map<string, unknown>()
  const outside: Outside = async <R>(key: string, call: () => Promise<R>): Promise<R> => {
    if (!results.has(key)) throw new CallFirst(key, call)
    return results.get(key) as R
  }
  for (;;) {
    try {
      return await ctx.db.transaction((tx) => work(tx, outside))
    } catch (error) {
      if (!(error instanceof CallFirst) || results.size >= maxCalls) throw error
      results.set(error.key, await error.call())
    }
  }
}
