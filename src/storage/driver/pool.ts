// A bounded set of connections: who waits longest is served first, and nobody waits for ever.
import { unavailable } from '../../errors.ts'
import type { PoolState } from '../db.ts'
import { type Connection, type ConnectionOptions, openConnection } from './connection.ts'

/** Limits of a pool; times in milliseconds, 0 for none. */
export interface PoolOptions extends Omit<ConnectionOptions, 'onLost'> {
  max: number
  max_lifetime_ms: number
  idle_ms: number
  wait_ms: number
}

/** Time in milliseconds after which an idle connection is looked at before it is used. */
const quiet_ms = 100

/** Statements that wait for a connection at most: more of them would only wait in vain. */
const max_waiters = 1000

/** Statements that share a connection at most: one that takes long holds up those behind it. */
const max_sharers = 8

/** Lends connections. */
export interface Pool {
  /** @throws AuthError 503 when none becomes free in time, or the pool is closed */
  acquire(): Promise<Connection>
  /**
   * Like `acquire`, for one statement that waits for no lock: when all connections are busy, one with other such
   * statements, which then go over the wire together.
   */
  share(): Promise<Connection>
  /**
   * Like `share`, for a statement that takes next to no time: those of one turn of the event loop share a connection even
   * where others are free, so that they are one write, one read and one wake-up of PostgreSQL.
   */
  shareAtOnce(): Promise<Connection>
  /** Takes a connection back, with no transaction open on it. */
  release(connection: Connection): void
  state(): PoolState
  /** Has so many connections at most from now on; those over it are closed as they come back. */
  resize(max: number): void
  /** Lends no more; waits for those lent for at most `grace_ms`, then cuts them off. */
  close(grace_ms: number): Promise<void>
}

interface Waiter {
  resolve(connection: Connection): void
  reject(error: unknown): void
  timer: NodeJS.Timeout
}

/** Makes a pool without opening a connection. */
export function openPool(options: PoolOptions): Pool {
  const live = new Set<Connection>()
  const idle: Connection[] = []
  const waiters: Waiter[] = []
  /** Connections that are lent to statements which may share them, with their number. */
  const sharers = new Map<Connection, number>()
  let { max } = options
  let closed = false
  let sweep: NodeJS.Timeout | undefined

  const onLost = (connection: Connection): void => {
    live.delete(connection)
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
    serve()
  }
  const take = (): Connection | undefined => {
    const found = idle.pop()
    if (found || live.size >= max) return found
    const opened = openConnection({ ...options, onLost })
    live.add(opened)
    return opened
  }
  const serve = (): void => {
    while (waiters.length > 0 && !closed) {
      const connection = take()
      if (!connection) return
      const waiter = waiters.shift()
      clearTimeout(waiter?.timer)
      waiter?.resolve(connection)
    }
  }
  const acquire = (): Promise<Connection> => {
    if (closed) return Promise.reject(unavailable(new Error('The pool of database connections is closed')))
    const connection = waiters.length === 0 ? take() : undefined
    if (connection) return checked(connection)
    if (waiters.length >= max_waiters)
      return Promise.reject(unavailable(new Error(`${max_waiters} statements wait for a database connection already`)))
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiters.splice(waiters.indexOf(waiter), 1)
        reject(unavailable(new Error(`No database connection became free within ${options.wait_ms} ms`)))
      }
      const waiter = { resolve, reject, timer: setTimeout(giveUp, options.wait_ms) }
      waiters.push(waiter)
    })
  }
  // What the server said while a connection was idle, goodbye for one, is read before something is sent on it.
  const checked = async (connection: Connection): Promise<Connection> => {
    if (!connection.proven || performance.now() - connection.idle_since < quiet_ms) return connection
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
    return connection.lost ? acquire() : connection
  }
  const share = async (): Promise<Connection> => {
    // Who waits for a connection of their own comes first.
    if (idle.length === 0 && live.size >= max && waiters.length === 0) {
      const busy = leastShared()
      if (busy) {
        sharers.set(busy, (sharers.get(busy) ?? 0) + 1)
        return busy
      }
    }
    const connection = await acquire()
    sharers.set(connection, 1)
    return connection
  }
  let of_this_turn: { connection: Promise<Connection>; joined: number } | undefined
  const shareAtOnce = async (): Promise<Connection> => {
    if (of_this_turn && of_this_turn.joined < max_sharers) {
      of_this_turn.joined++
      const connection = await of_this_turn.connection
      const count = sharers.get(connection) ?? 0
      if (count === 0 || connection.worn) return share()
      sharers.set(connection, count + 1)
      return connection
    }
    if (!of_this_turn)
      setImmediate(() => {
        of_this_turn = undefined
      })
    of_this_turn = { connection: share(), joined: 1 }
    return of_this_turn.connection
  }
  const leastShared = (): Connection | undefined => {
    let found: Connection | undefined
    let fewest = max_sharers
    for (const [connection, count] of sharers) {
      if (count >= fewest || connection.worn) continue
      found = connection
      fewest = count
    }
    return found
  }
  const isOld = (connection: Connection): boolean =>
    options.max_lifetime_ms > 0 && performance.now() - connection.opened_at > options.max_lifetime_ms
  const release = (connection: Connection): void => {
    const others = (sharers.get(connection) ?? 1) - 1
    if (others > 0) {
      sharers.set(connection, others)
      return
    }
    sharers.delete(connection)
    if (!live.has(connection)) return
    if (closed || connection.worn || live.size > max || isOld(connection)) {
      void connection.end()
      return
    }
    connection.idle_since = performance.now()
    idle.push(connection)
    serve()
    startSweep()
  }
  const startSweep = (): void => {
    if (options.idle_ms <= 0 || sweep || closed) return
    sweep = setTimeout(() => {
      sweep = undefined
      // The longest idle come first, since the last one back is lent first.
      for (const connection of idle.filter((one) => performance.now() - one.idle_since >= options.idle_ms)) {
        idle.splice(idle.indexOf(connection), 1)
        void connection.end()
      }
      if (idle.length > 0) startSweep()
    }, options.idle_ms)
    sweep.unref()
  }
  const close = async (grace_ms: number): Promise<void> => {
    closed = true
    clearTimeout(sweep)
    for (const waiter of waiters.splice(0)) {
      clearTimeout(waiter.timer)
      waiter.reject(unavailable(new Error('The pool of database connections is closed')))
    }
    await Promise.all(idle.splice(0).map((connection) => connection.end()))
    const deadline = performance.now() + grace_ms
    while (live.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5))
    await Promise.all([...live].map((connection) => connection.end()))
  }
  const state = () => ({ open: live.size, busy: live.size - idle.length, most: max, waiting: waiters.length })
  const resize = (wanted: number): void => {
    max = wanted
    for (const connection of idle.splice(0, Math.max(0, live.size - max))) void connection.end()
    serve()
  }
  return { acquire, share, shareAtOnce, release, state, resize, close }
}
