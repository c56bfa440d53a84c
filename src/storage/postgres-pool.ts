// A bounded set of connections: who waits longest is served first, and nobody waits for ever.
import { unavailable } from '../errors.ts'
import { type Connection, type ConnectionOptions, openConnection } from './postgres-connection.ts'

/** Limits of a pool; times in milliseconds, 0 for none. */
export interface PoolOptions extends Omit<ConnectionOptions, 'onLost'> {
  max: number
  max_lifetime_ms: number
  idle_ms: number
  wait_ms: number
}

/** Lends connections. */
export interface Pool {
  /** @throws AuthError 503 when none becomes free in time, or the pool is closed */
  acquire(): Promise<Connection>
  /** Takes a connection back, with no transaction open on it. */
  release(connection: Connection): void
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
    if (found || live.size >= options.max) return found
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
    if (connection) return Promise.resolve(connection)
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiters.splice(waiters.indexOf(waiter), 1)
        reject(unavailable(new Error(`No database connection became free within ${options.wait_ms} ms`)))
      }
      const waiter = { resolve, reject, timer: setTimeout(giveUp, options.wait_ms) }
      waiters.push(waiter)
    })
  }
  const isOld = (connection: Connection): boolean =>
    options.max_lifetime_ms > 0 && performance.now() - connection.opened_at > options.max_lifetime_ms
  const release = (connection: Connection): void => {
    if (!live.has(connection)) return
    if (closed || connection.worn || isOld(connection)) {
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
  return { acquire, release, close }
}
