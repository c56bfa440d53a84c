// The text of a file, whatever it is encoded in; what is neither UTF-8 nor named is refused instead of guessed.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * The text of a file in pieces, without a byte order mark.
 * @throws Error for bytes that are not of the encoding, with a hint
 */
export async function* readText(path: string, encoding: string | undefined): AsyncGenerator<string> {
  const name = encoding ?? (await markedEncoding(path))
  const decoder = new TextDecoder(name, { fatal: true })
  let lines = 1
  for await (const chunk of createReadStream(path)) {
    const text = decode(chunk)
    lines += text.split('\n').length - 1
    yield text
  }
  yield decode()

  function decode(chunk?: Buffer): string {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
    } catch (error) {
      const hint = encoding === undefined ? '; if a spreadsheet wrote it, try --encoding latin1' : ''
      throw new Error(`${path} is not ${name.toUpperCase()} (behind line ${lines})${hint}`, { cause: error })
    }
  }
}

/** The encoding of a byte order mark; UTF-8 without one. */
async function markedEncoding(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    const mark = bytesRead === 2 ? buffer.toString('hex') : ''
    return mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8'
  } finally {
    await file.close()
  }
}

/** Whether an encoding is known. */
export function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name) !== null
  } catch {
    return false
  }
}
