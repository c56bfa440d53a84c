// Lets one piece of work run after the other, and none wait for ever.
import { unavailable } from '../../errors.ts'
import { inTime } from '../../in-time.ts'

/** Runs work when it is its turn. */
export interface Exclusive {
  /** @throws AuthError 503 when its turn doesn't come in time, or after the end */
  <T>(work: () => Promise<T>): Promise<T>
  /** Lets nothing more in, and waits for what runs for at most `grace_ms`. */
  end(grace_ms: number): Promise<void>
}

/** Makes a queue whose work waits for at most `wait_ms`. */
export function oneAtATime(wait_ms: number): Exclusive {
  let last: Promise<unknown> = Promise.resolve()
  let ended = false
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (ended) throw unavailable(new Error('The database is closed'))
    const turn = Promise.withResolvers<void>()
    const before = last
    last = turn.promise
    try {
      await within(before, wait_ms)
    } catch (error) {
      // Whoever comes next still waits for those before.
      before.then(() => turn.resolve())
      throw error
    }
    try {
      return await work()
    } finally {
      turn.resolve()
    }
  }
  const end = async (grace_ms: number) => {
    ended = true
    await within(last, grace_ms).catch(() => {})
  }
  return Object.assign(run, { end })
}

const within = (work: Promise<unknown>, limit_ms: number): Promise<unknown> =>
  inTime(work, limit_ms, () => {
    throw unavailable(new Error(`The database was busy for ${limit_ms} ms`))
  })
