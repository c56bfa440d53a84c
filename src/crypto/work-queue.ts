// A queue for work of which a machine bears little at once: so many at a time, first come first served, and nobody waits for long.
import { unavailable } from '../errors.ts'

/** Work that runs, and that waits for its turn. */
export interface QueueState {
  running: number
  most: number
  waiting: number
}

/** Runs work when it is its turn. */
export interface WorkQueue {
  <T>(work: () => Promise<T>): Promise<T>
  state(): QueueState
}

/** Work that waits at most: more of it would only wait in vain. */
const max_waiting = 1000

/**
 * Makes a queue; what has waited `queue_ms` fails with AuthError 503, to be tried again after a second, and so does at once what
 * comes while a thousand wait.
 */
export function createWorkQueue(concurrency: number, queue_ms: number): WorkQueue {
  let running = 0
  // A set keeps the order of arrival and forgets those that gave up at no cost.
  const waiting = new Set<() => void>()

  const turn = (): Promise<void> => {
    if (running < concurrency) {
      running++
      return Promise.resolve()
    }
    if (waiting.size >= max_waiting) return Promise.reject(unavailable(new Error(`${max_waiting} wait already`), 1))
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        waiting.delete(start)
        reject(unavailable(new Error(`waited ${queue_ms} ms for a turn`), 1))
      }, queue_ms)
      const start = () => {
        waiting.delete(start)
        clearTimeout(giveUp)
        resolve()
      }
      waiting.add(start)
    })
  }

  /** Hands the place to the one who waits longest, so that a newcomer cannot take it. */
  const leave = (): void => {
    const [next] = waiting
    if (next) next()
    else running--
  }

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    await turn()
    try {
      return await work()
    } finally {
      leave()
    }
  }
  return Object.assign(run, { state: () => ({ running, most: concurrency, waiting: waiting.size }) })
}
