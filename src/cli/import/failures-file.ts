// The file beside the input that keeps the lines which failed, each with its account, so that they can be mended and imported.
import { createWriteStream, type WriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import type { Failure } from '../../flows/import/run-import.ts'

/** Where the failures of a file are kept. */
const failuresPath = (file: string): string => `${file}.failures.ndjson`

/** Keeps failures; the file is made with the first one, readable by its owner only, as it may hold hashes. */
export function openFailuresFile(file: string) {
  let stream: WriteStream | null = null
  let problem: Error | null = null
  return {
    path: failuresPath(file),
    add(failures: readonly Failure[]): void {
      if (failures.length === 0 || problem) return
      if (!stream) {
        stream = createWriteStream(failuresPath(file), { mode: 0o600 })
        stream.on('error', (error) => {
          problem = error
        })
      }
      stream.write(failures.map((failure) => `${JSON.stringify(failure)}\n`).join(''))
    },
    /** Ends the file; without failures the one of an earlier run goes. Gives why it could not be written. */
    async close(): Promise<Error | null> {
      if (!stream) {
        await rm(failuresPath(file), { force: true }).catch(() => {})
        return null
      }
      stream.end()
      await finished(stream).catch((error: Error) => {
        problem = error
      })
      return problem
    },
  }
}
