// A worker's side of the channel to its supervisor.
import cluster from 'node:cluster'
import type { MetricObject } from 'prom-client'
import type { Machine } from '../auth.ts'
import type { Environment } from '../config/load.ts'
import type { LimitStore } from '../limits/limit-store.ts'
import type { Order, Report, Take } from './worker-messages.ts'

/** What a worker is to do, and how it tells of itself. */
export interface WorkerPost {
  variables: Environment
  /** Among how many workers the machine's cores and connections are divided. */
  share: number
  machine: Machine
  /** Resolves when the supervisor wants it to end, or is gone itself. */
  drained: Promise<void>
  report(report: Report): void
  /** Sets what is answered when the supervisor wants to know what was measured. */
  onMetrics(read: () => Promise<MetricObject[]>): void
}

/** Waits for the supervisor's first order. */
export async function takePost(): Promise<WorkerPost> {
  const waiting = new Map<number, (waits_ms: number[]) => void>()
  const drained = Promise.withResolvers<void>()
  const started = Promise.withResolvers<Order & { kind: 'start' }>()
  let keeps = false
  let asked = 0
  let readMetrics = async (): Promise<MetricObject[]> => []
  const report = (message: Report): void => {
    if (process.connected) process.send?.(message)
  }
  process.on('message', (order: Order) => {
    if (order.kind === 'start') started.resolve(order)
    if (order.kind === 'keep') keeps = true
    if (order.kind === 'drain') drained.resolve()
    if (order.kind === 'measure')
      void readMetrics().then((metrics) => report({ kind: 'measured', id: order.id, metrics }))
    if (order.kind === 'taken') {
      waiting.get(order.id)?.(order.waits_ms)
      waiting.delete(order.id)
    }
  })
  // A terminal sends its signals to all processes; the supervisor decides what they mean.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR1'] as const) process.on(signal, () => {})
  process.once('SIGTERM', () => drained.resolve())
  process.once('disconnect', () => {
    drained.resolve()
    // Nobody is left to count; the process is about to end.
    for (const answer of waiting.values()) answer([])
  })
  let gathering: { takes: Take[]; waits_ms: Promise<number[]> } | undefined
  const gather = () => {
    const id = ++asked
    const takes: Take[] = []
    const { promise: waits_ms, resolve } = Promise.withResolvers<number[]>()
    waiting.set(id, resolve)
    setImmediate(() => {
      gathering = undefined
      report({ kind: 'take', id, takes })
    })
    return { takes, waits_ms }
  }
  const limits: LimitStore = {
    async take(key, limit) {
      if (!process.connected) return 0
      gathering ??= gather()
      const { takes, waits_ms } = gathering
      const place = takes.push({ key, limit }) - 1
      return (await waits_ms)[place] ?? 0
    },
    close: async () => {},
  }
  const order = await started.promise
  const machine = { id: order.machine_id, limits, keeps: () => keeps }
  const { variables, share } = order
  const onMetrics = (read: typeof readMetrics): void => {
    readMetrics = read
  }
  return { variables, share, machine, drained: drained.promise, report, onMetrics }
}

/** Whether this process is a worker of a supervisor. */
export const isWorker = (): boolean => cluster.isWorker
