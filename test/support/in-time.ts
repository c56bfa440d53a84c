// Deadlines that hold on a busy machine too.

/** A stall of the event loop, however long, counts as one of these. */
const tick_ms = 50

/**
 * What a promise gives, within milliseconds in which this event loop ran: what stalls the loop delays what is waited for too,
 * and that has its turn before the time is up.
 * @throws Error when the time was over first
 */
export async function inTime<T>(limit_ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    let left = Math.ceil(limit_ms / tick_ms)
    timer = setInterval(() => {
      if (--left <= 0) reject(new Error(`not within ${limit_ms} ms`))
    }, tick_ms)
  })
  return await Promise.race([promise, late]).finally(() => clearInterval(timer))
}
