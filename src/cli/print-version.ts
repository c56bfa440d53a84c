// postern version
import { version } from '../version.ts'

/** Prints the version. */
export async function printVersion(): Promise<number> {
  console.log(`postern ${version}`)
  return 0
}
