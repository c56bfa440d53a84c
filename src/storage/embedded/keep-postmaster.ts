// Looks after a PostgreSQL server: one that ends by itself is told of and started again.
import { type Postmaster, readPostmaster } from './process.ts'

/** A server that is looked after. */
export interface KeptPostmaster {
  /** The process that runs now, or ran last. */
  current(): Postmaster
  /** Looks no longer, once a start that is under way has ended. */
  release(): Promise<void>
}

const look_ms = 250
const longestWait_ms = 10_000

/** Looks four times a second; `start` is tried until it works, with growing waits. */
export function keepPostmaster(
  first: Postmaster,
  { data, start, log }: { data: string; start(port: number): Promise<Postmaster>; log(line: string): void },
): KeptPostmaster {
  let server = first
  let starting: Promise<void> | null = null
  let released = false

  async function startAgain(): Promise<void> {
    log('PostgreSQL has ended; it is started again')
    for (let wait_ms = look_ms; !released; wait_ms = Math.min(wait_ms * 2, longestWait_ms)) {
      try {
        server = await start(server.port)
        log(`PostgreSQL runs again on port ${server.port}`)
        return
      } catch (error) {
        log(`PostgreSQL does not start: ${error instanceof Error ? error.message : error}`)
        await new Promise((resolve) => setTimeout(resolve, wait_ms))
      }
    }
  }
  const timer = setInterval(() => {
    if (starting || readPostmaster(data)?.pid === server.pid) return
    starting = startAgain().finally(() => {
      starting = null
    })
  }, look_ms).unref()

  return {
    current: () => server,
    async release() {
      released = true
      clearInterval(timer)
      await starting
    },
  }
}
