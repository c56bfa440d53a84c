// Keeps workers running: starts them, replaces those that end, exchanges them one by one, and gives up on a crash loop.
import cluster, { type Worker } from 'node:cluster'
import { randomUUID } from 'node:crypto'
import type { MetricObject } from 'prom-client'
import type { Environment } from '../config/load.ts'
import { createMemoryStore } from '../limits/memory-store.ts'
import type { Logger } from '../log.ts'
import type { Order, Report } from './worker-messages.ts'

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
/** Milliseconds that a worker may take to say what it has measured. */
const patience_ms = 2000
/** The longest pause before another try, in milliseconds. */
const longestPause_ms = 5000

interface Post {
  worker: Worker
  since: number
  /** Whether its end would be no crash: it was asked to, or has not served yet. */
  isLeaving: boolean
  serves: Promise<number>
}

/**
 * Starts the workers and waits until all of them serve.
 * @throws Error with the first reason why one cannot
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { count, log, young_ms = 10_000, drain_ms = 60_000 } = options
  const machine_id = randomUUID()
  const limits = createMemoryStore({ now: Date.now })
  const posts = new Set<Post>()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  let { variables } = options
  let keeper: Post | null = null
  let youngEnds = 0
  let isStopping = false
  let asked = 0
  // The working directory and the command line are the supervisor's; variables come by message, so that removed ones are gone.
  cluster.setupPrimary({ silent: false })

  const send = (worker: Worker, order: Order): void => {
    if (worker.isConnected()) worker.send(order)
  }
  function appoint(): void {
    if (isStopping || (keeper && posts.has(keeper) && !keeper.isLeaving)) return
    keeper = [...posts].find(({ isLeaving }) => !isLeaving) ?? null
    if (keeper) send(keeper.worker, { kind: 'keep' })
  }
  function start({ isTrial = false } = {}): Post {
    const worker = cluster.fork()
    const serves = Promise.withResolvers<number>()
    serves.promise.catch(() => {})
    const post: Post = { worker, since: performance.now(), isLeaving: isTrial, serves: serves.promise }
    worker.on('message', (report: Report) => {
      if (report.kind === 'serves') serves.resolve(report.port)
      if (report.kind === 'fails') serves.reject(new Error(report.reason))
      if (report.kind === 'take')
        void limits
          .take(report.key, report.limit)
          .then((wait_ms) => send(worker, { kind: 'taken', id: report.id, wait_ms }))
    })
    worker.once('exit', (code, signal) => {
      posts.delete(post)
      serves.reject(new Error(`a worker ended before it served (${signal ?? `code ${code}`})`))
      if (!post.isLeaving) replace(post, signal ?? `code ${code}`)
      appoint()
    })
    posts.add(post)
    send(worker, { kind: 'start', variables, machine_id, share: count, keeps: false })
    appoint()
    return post
  }
  function replace(post: Post, how: string): void {
    if (isStopping) return
    youngEnds = performance.now() - post.since < young_ms ? youngEnds + 1 : 1
    log.error({ worker: post.worker.process.pid, how, in_a_row: youngEnds }, 'a worker ended and is replaced')
    if (youngEnds >= loopLength) {
      const span = `${Math.round(young_ms / 1000)} s`
      failure.reject(
        new Error(`workers ended ${youngEnds} times in a row within ${span} of their start, the last with ${how}`),
      )
      return
    }
    // The first is replaced at once; whatever ends them again gets time to pass.
    const pause_ms = youngEnds === 1 ? 0 : Math.min(100 * 2 ** youngEnds, longestPause_ms)
    setTimeout(() => {
      if (!isStopping) start()
    }, pause_ms)
  }
  async function drain(post: Post): Promise<void> {
    post.isLeaving = true
    appoint()
    const { worker } = post
    const ended = new Promise<void>((resolve) => {
      if (worker.isDead()) resolve()
      else worker.once('exit', () => resolve())
    })
    send(worker, { kind: 'drain' })
    const timer = setTimeout(() => {
      log.warn({ worker: worker.process.pid }, 'a worker did not end in time and is ended')
      worker.process.kill('SIGKILL')
    }, drain_ms + 5000)
    await ended
    clearTimeout(timer)
  }
  function measure({ worker }: Post): Promise<MetricObject[]> {
    const id = ++asked
    return new Promise((resolve) => {
      const timer = setTimeout(() => end([]), patience_ms)
      const listen = (report: Report): void => {
        if (report.kind === 'measured' && report.id === id) end(report.metrics)
      }
      const end = (metrics: MetricObject[]): void => {
        clearTimeout(timer)
        worker.off('message', listen)
        resolve(metrics)
      }
      worker.on('message', listen)
      send(worker, { kind: 'measure', id })
    })
  }
  async function stop(): Promise<void> {
    isStopping = true
    await Promise.all([...posts].map(drain))
  }

  const first = Array.from({ length: count }, () => start())
  try {
    const [port = 0] = await Promise.all(first.map(({ serves }) => serves))
    return {
      port,
      failed: failure.promise,
      metrics: () => Promise.all([...posts].map(measure)).then((all) => all.filter((one) => one.length > 0)),
      stop,
      async exchange(next) {
        const before = { variables }
        variables = next
        for (const old of [...posts].filter(({ isLeaving }) => !isLeaving)) {
          // A successor that cannot serve has no claim to be replaced.
          const successor = start({ isTrial: true })
          try {
            await successor.serves
          } catch (error) {
            variables = before.variables
            throw error
          }
          successor.isLeaving = false
          await drain(old)
        }
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
