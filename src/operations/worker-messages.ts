// What the supervisor and its workers tell each other (node:cluster, messages of the channel between them).
import type { MetricObject } from 'prom-client'
import type { Environment } from '../config/load.ts'
import type { Limit } from '../limits/rate-limits.ts'

/** One of a limit's tokens. */
export interface Take {
  key: string
  limit: Limit
}

/** To a worker. */
export type Order =
  /** Serve with these variables; `share` workers divide what the machine has. */
  | { kind: 'start'; variables: Environment; machine_id: string; share: number }
  /** Look after outbox and tables from now on. */
  | { kind: 'keep' }
  /** Take no more connections, answer what runs, end. */
  | { kind: 'drain' }
  /** Say what was measured. */
  | { kind: 'measure'; id: number }
  /** The answer to `take`, in its order: milliseconds to wait, 0 when taken. */
  | { kind: 'taken'; id: number; waits_ms: number[] }

/** From a worker. */
export type Report =
  | { kind: 'serves'; port: number }
  /** It cannot serve, and ends. */
  | { kind: 'fails'; reason: string }
  /** The answer to `measure`: metrics as prom-client adds them up. */
  | { kind: 'measured'; id: number; metrics: MetricObject[] }
  /** Takes from limits that all workers share: what the requests of one turn of the event loop take goes in one message. */
  | { kind: 'take'; id: number; takes: Take[] }
