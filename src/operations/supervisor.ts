// Keeps workers running: starts them, replaces those that end, exchanges them one by one, and gives up on a crash loop.
import { randomUUID } from 'node:crypto'
import type { MetricObject } from 'prom-client'
import type { Environment } from '../config/load.ts'
import { createMemoryStore } from '../limits/memory-store.ts'
import type { Logger } from '../log.ts'
import { type HiredWorker, hireWorker } from './hired-worker.ts'

/** A supervisor of running workers. */
export interface Supervisor {
  port: number
  /**
   * Exchanges the workers one by one for new ones with these variables; each old one ends after its successor serves.
   * @throws Error with the reason when a successor cannot serve; the workers that are left go on as they were
   */
  exchange(variables: Environment): Promise<void>
  /** What all workers have measured; those that do not answer within two seconds are left out. */
  metrics(): Promise<MetricObject[][]>
  /** Lets all workers answer what runs, and end; after a minute they are ended. */
  stop(): Promise<void>
  /** Rejects when workers end again and again soon after they start. */
  failed: Promise<never>
}

/** How many workers, and what they are told. */
export interface SupervisorOptions {
  count: number
  variables: Environment
  log: Logger
  /** Milliseconds within which a worker that ends counts as a crash at its start; 10 000 by default. */
  young_ms?: number
  /** Milliseconds that a worker may take to answer what runs; 60 000 by default. */
  drain_ms?: number
}

/** So many ends in a row of workers that were just started are a loop. */
const loopLength = 5
/** The longest pause before another try, in milliseconds. */
const longestPause_ms = 5000

/**
 * Starts the workers and waits until all of them serve.
 * @throws Error with the first reason why one cannot
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { count, log, young_ms = 10_000, drain_ms = 60_000 } = options
  const machine_id = randomUUID()
  const limits = createMemoryStore({ now: Date.now })
  const workers = new Set<HiredWorker>()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  let { variables } = options
  let keeper: HiredWorker | null = null
  let youngEnds = 0
  let isStopping = false

  /** One worker at a time looks after outbox and tables. */
  function appoint(): void {
    if (isStopping || (keeper && workers.has(keeper) && !keeper.isLeaving)) return
    keeper = [...workers].find(({ isLeaving }) => !isLeaving) ?? null
    keeper?.send({ kind: 'keep' })
  }
  function start({ isTrial = false } = {}): HiredWorker {
    const worker = hireWorker({ limits, log })
    worker.isLeaving = isTrial
    void worker.ended.then((how) => {
      workers.delete(worker)
      if (!worker.isLeaving && !isStopping) replace(worker, how)
      appoint()
    })
    workers.add(worker)
    // Variables come by message, so that removed ones are gone.
    worker.send({ kind: 'start', variables, machine_id, share: count })
    appoint()
    return worker
  }
  function replace({ pid, since }: HiredWorker, how: string): void {
    youngEnds = performance.now() - since < young_ms ? youngEnds + 1 : 1
    log.error({ worker: pid, how, in_a_row: youngEnds }, 'a worker ended and is replaced')
    if (youngEnds >= loopLength) {
      const span = `${Math.round(young_ms / 1000)} s of their start`
      failure.reject(new Error(`workers ended ${youngEnds} times in a row within ${span}, the last with ${how}`))
      return
    }
    // The first is replaced at once; whatever ends them again gets time to pass.
    const pause_ms = youngEnds === 1 ? 0 : Math.min(100 * 2 ** youngEnds, longestPause_ms)
    setTimeout(() => {
      if (!isStopping) start()
    }, pause_ms)
  }
  async function drain(worker: HiredWorker): Promise<void> {
    const ended = worker.drain(drain_ms)
    appoint()
    await ended
  }
  async function exchange(next: Environment): Promise<void> {
    const before = variables
    variables = next
    for (const old of [...workers].filter(({ isLeaving }) => !isLeaving)) {
      // A successor that cannot serve has no claim to be replaced.
      const successor = start({ isTrial: true })
      await successor.serves.catch((error: unknown) => {
        variables = before
        throw error
      })
      successor.isLeaving = false
      await drain(old)
    }
  }
  async function stop(): Promise<void> {
    isStopping = true
    await Promise.all([...workers].map(drain))
  }
  async function metrics(): Promise<MetricObject[][]> {
    const all = await Promise.all([...workers].map((worker) => worker.measure()))
    return all.filter((one) => one.length > 0)
  }

  const first = Array.from({ length: count }, () => start())
  try {
    const [port = 0] = await Promise.all(first.map(({ serves }) => serves))
    return { port, failed: failure.promise, exchange, metrics, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
