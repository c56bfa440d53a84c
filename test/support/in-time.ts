// Deadlines that hold on a busy machine too.

/**
 * What a promise gives, where that comes before a timer of this same event loop: a stall delays both.
 * @throws Error when the timer was first
 */
export async function inTime<T>(limit_ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limit_ms} ms`)), limit_ms)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
