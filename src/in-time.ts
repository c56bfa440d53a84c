// Deadlines: what is given in the place of work that takes too long.

/**
 * What work gives, or, after so many milliseconds, what `late` gives or throws; the work goes on to its own end, and nobody is
 * told of that.
 */
export function inTime<T>(work: Promise<T>, limit_ms: number, late: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(late())
      } catch (error) {
        reject(error)
      }
    }, limit_ms)
    const end =
      <Value>(settle: (value: Value) => void) =>
      (value: Value) => {
        clearTimeout(timer)
        settle(value)
      }
    work.then(end(resolve), end(reject))
  })
}
