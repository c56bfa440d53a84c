// Reads a password from standard input, or asks for it without showing it.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/**
 * The first line of standard input; a terminal is asked and shows nothing of the answer.
 * @throws Error when there is none
 */
export async function readSecret(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true })
  try {
    if (process.stdin.isTTY) {
      process.stderr.write(`${question}: `)
      const answer = await lines.question('')
      process.stderr.write('\n')
      return answer
    }
    for await (const line of lines) return line
    throw new Error('a password is expected on standard input')
  } finally {
    lines.close()
  }
}
