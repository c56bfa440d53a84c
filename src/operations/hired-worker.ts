// One worker as its supervisor sees it: what it is told, what it says, and how it ends.
import cluster, { type Worker } from 'node:cluster'
import type { MetricObject } from 'prom-client'
import type { LimitStore } from '../limits/limit-store.ts'
import type { Logger } from '../log.ts'
import type { Order, Report } from './worker-messages.ts'

/** A worker that was started. */
export interface HiredWorker {
  pid: number
  /** Since when it serves, or else is starting, by the monotonic clock, in milliseconds: a start may be slow. */
  since: number
  /** Whether its end would be no crash: it was asked to, or has not served yet. */
  isLeaving: boolean
  /** The port that it serves on; rejects with the reason why it cannot serve. */
  serves: Promise<number>
  /** How it ended: a signal, or its exit code. */
  ended: Promise<string>
  send(order: Order): void
  /** What it has measured; nothing when it does not say within two seconds. */
  measure(): Promise<MetricObject[]>
  /** Lets it answer what runs, and waits until it has ended; after `drain_ms` milliseconds and some more it is ended. */
  drain(drain_ms: number): Promise<void>
}

/** Milliseconds that a worker may take to say what it has measured. */
const patience_ms = 2000
/** Milliseconds beyond its drain that it may take to close what it has open. */
const closing_ms = 5000

/** Starts one; what it takes from limits is counted in `limits`. */
export function hireWorker({ limits, log }: { limits: LimitStore; log: Logger }): HiredWorker {
  const worker: Worker = cluster.fork()
  const serves = Promise.withResolvers<number>()
  let asked = 0
  serves.promise.catch(() => {})
  const ended = new Promise<string>((resolve) =>
    worker.once('exit', (code, signal) => resolve(signal ?? `code ${code}`)),
  )
  void ended.then((how) => serves.reject(new Error(`a worker ended before it served (${how})`)))
  const send = (order: Order): void => {
    if (worker.isConnected()) worker.send(order)
  }
  worker.on('message', (report: Report) => {
    if (report.kind === 'serves') {
      hired.since = performance.now()
      serves.resolve(report.port)
    }
    if (report.kind === 'fails') serves.reject(new Error(report.reason))
    if (report.kind === 'take')
      void Promise.all(report.takes.map(({ key, limit }) => limits.take(key, limit))).then((waits_ms) =>
        send({ kind: 'taken', id: report.id, waits_ms }),
      )
  })
  const hired: HiredWorker = {
    pid: worker.process.pid ?? 0,
    since: performance.now(),
    isLeaving: false,
    serves: serves.promise,
    ended,
    send,
    measure() {
      const id = ++asked
      return new Promise((resolve) => {
        const end = (metrics: MetricObject[]): void => {
          clearTimeout(timer)
          worker.off('message', listen)
          resolve(metrics)
        }
        const listen = (report: Report): void => {
          if (report.kind === 'measured' && report.id === id) end(report.metrics)
        }
        const timer = setTimeout(end, patience_ms, [])
        worker.on('message', listen)
        send({ kind: 'measure', id })
      })
    },
    async drain(drain_ms) {
      hired.isLeaving = true
      send({ kind: 'drain' })
      const timer = setTimeout(() => {
        log.warn({ worker: hired.pid }, 'a worker did not end in time and is ended')
        worker.process.kill('SIGKILL')
      }, drain_ms + closing_ms)
      await ended
      clearTimeout(timer)
    },
  }
  return hired
}
