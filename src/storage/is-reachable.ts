// Whether the database answers.
import type { Queryable } from './db.ts'

/** One trivial statement; false on any failure or after two seconds. */
export async function isReachable(db: Queryable): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), 2000)
  })
  try {
    return await Promise.race([db.query('select 1').then(() => true), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
