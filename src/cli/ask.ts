// Asks a question on the terminal.
import { createInterface } from 'node:readline/promises'

/** Whether the answer is yes; null when nobody sits at a terminal to be asked. */
export async function askYesOrNo(question: string): Promise<boolean | null> {
  if (!process.stdin.isTTY) return null
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
