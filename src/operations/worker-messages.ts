// What the supervisor and its workers tell each other (node:cluster, messages of the channel between them).
import type { MetricObject } from 'prom-client'
import type { Environment } from '../config/load.ts'
import type { Limit } from '../limits/rate-limits.ts'

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
  /** The answer to `take`: milliseconds to wait, 0 when taken. */
  | { kind: 'taken'; id: number; wait_ms: number }

/** From a worker. */
export type Report =
  | { kind: 'serves'; port: number }
  /** It cannot serve, and ends. */
  | { kind: 'fails'; reason: string }
  /** The answer to `measure`: metrics as prom-client adds them up. */
  | { kind: 'measured'; id: number; metrics: MetricObject[] }
  /** Takes from a limit that all workers share. */
  | { kind: 'take'; id: number; key: string; limit: Limit }
