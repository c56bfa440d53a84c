// One connection to PostgreSQL over postgres.js, for one life: once lost it never sends again.
import postgres from 'postgres'
import type { DatabaseTarget } from '../../config/database-url.ts'
import { unavailable } from '../../errors.ts'
import type { Param } from '../db.ts'
import { errorCode, isNetworkFault, isRefusal } from './database-errors.ts'
import { encodeParam, parsers, serializers } from './wire-values.ts'

/** Rows, and the tag of the command that made them (`COMMIT`). */
export interface Answer {
  rows: Record<string, unknown>[]
  command: string
}

/** A connection; opened by its first statement. */
export interface Connection {
  /** Milliseconds since the process started. */
  readonly opened_at: number
  idle_since: number
  /** Whether PostgreSQL has answered on it. */
  readonly proven: boolean
  /** Whether it is gone. */
  readonly lost: boolean
  /** Whether it must not be used for another request. */
  readonly worn: boolean
  /**
   * Sends one statement without waiting for those before it; `simple` takes several statements and no parameters.
   * @throws what the driver throws
   */
  run(text: string, params?: readonly Param[], simple?: boolean): Promise<Answer>
  /** Says goodbye to PostgreSQL; statements that still run fail after `grace_ms`. */
  end(grace_ms?: number): Promise<void>
}

/** How connections are made. */
export interface ConnectionOptions {
  target: DatabaseTarget
  prepare: boolean
  settings: Record<string, string>
  connect_timeout_ms: number
  onRoundTrip(): void
  /** Called once, when the connection is gone. */
  onLost(connection: Connection): void
}

/** SQLSTATEs after which the prepared statements of a connection no longer fit the tables. */
const stale_plan = new Set(['0A000', '26000'])

const lostError = (code: string): Error => Object.assign(new Error('The connection to PostgreSQL was lost'), { code })

/** Makes a connection that the first statement opens. */
export function openConnection(options: ConnectionOptions): Connection {
  const rejecters = new Set<(error: unknown) => void>()
  let lost: Error | undefined
  let gone = false
  let ready = false
  let proven = false
  let stale = false

  const lose = (code: string): void => {
    if (gone) return
    gone = true
    lost ??= lostError(code)
    // postgres.js would open a new connection for what is still queued, outside of its transaction.
    Reflect.set(sql.options, 'socket', () => {
      throw lost
    })
    for (const reject of rejecters) reject(lost)
    rejecters.clear()
    clearTimeout(deadline)
    options.onLost(connection)
  }
  // postgres.js tries again for ever when a proxy accepts and hangs up.
  const deadline = setTimeout(() => {
    lose('CONNECT_TIMEOUT')
    void sql.end({ timeout: 0 })
  }, options.connect_timeout_ms)
  deadline.unref()
  const sql = openDriver(options, {
    onclose: () => lose('CONNECTION_CLOSED'),
    onparameter: () => {
      ready = true
      clearTimeout(deadline)
    },
  })

  const run = (text: string, params: readonly Param[] = [], simple = false): Promise<Answer> => {
    if (lost) return Promise.reject(lost)
    let encoded: ReturnType<typeof encodeParam>[]
    try {
      encoded = params.map(encodeParam)
    } catch (error) {
      return Promise.reject(error)
    }
    if (rejecters.size === 0) options.onRoundTrip()
    return new Promise((resolve, reject) => {
      rejecters.add(reject)
      const how = { prepare: options.prepare, simple }
      const values = encoded as postgres.ParameterOrJSON<never>[]
      sql.unsafe<Record<string, unknown>[]>(text, values, how).then(
        (rows) => {
          rejecters.delete(reject)
          proven = true
          resolve({ rows: rows.slice(), command: rows.command ?? '' })
        },
        (error: unknown) => {
          rejecters.delete(reject)
          stale ||= stale_plan.has(errorCode(error))
          proven ||= ready && isRefusal(error)
          // Whatever keeps a connection from opening, a wrong password too, means that there is no database.
          if (!ready) lost ??= unavailable(error)
          // The end of the socket is told a moment later.
          else if (isNetworkFault(error)) lost ??= lostError(errorCode(error))
          reject(ready ? error : lost)
        },
      )
    })
  }

  const end = async (grace_ms = 0): Promise<void> => {
    clearTimeout(deadline)
    await sql.end({ timeout: grace_ms / 1000 })
    lose('CONNECTION_ENDED')
  }

  const connection: Connection = {
    opened_at: performance.now(),
    idle_since: performance.now(),
    get proven() {
      return proven
    },
    get lost() {
      return lost !== undefined
    },
    get worn() {
      return lost !== undefined || stale
    },
    run,
    end,
  }
  return connection
}

function openDriver(options: ConnectionOptions, events: { onclose: () => void; onparameter: () => void }) {
  const { target } = options
  return postgres({
    // The types allow one host, the code takes a list; it also reads PG… variables for what is not given here.
    host: target.host as unknown as string,
    port: target.port as unknown as number,
    ...(target.path !== undefined && { path: target.path }),
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: target.ssl,
    ...(target.target_session_attrs && { target_session_attrs: target.target_session_attrs }),
    connection: options.settings,
    max: 1,
    prepare: options.prepare,
    fetch_types: false,
    connect_timeout: options.connect_timeout_ms / 1000,
    // Age and idleness are the pool's affair: the driver would end a connection between two statements of a transaction.
    idle_timeout: 0,
    max_lifetime: null,
    keep_alive: 30,
    backoff: () => 0.1,
    types: Object.fromEntries(
      Object.entries(parsers).map(([oid, parse]) => [
        oid,
        { to: Number(oid), from: [Number(oid)], parse, serialize: serializers[Number(oid)] ?? String },
      ]),
    ),
    onnotice: () => {},
    ...events,
  })
}
