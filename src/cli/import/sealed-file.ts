// Exports with secrets: a file sealed with a passphrase, written line by line and read the same way.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import {
  createPassphraseSealer,
  newPassphraseHeader,
  type PassphraseHeader,
  readPassphraseHeader,
} from '../../crypto/passphrase-sealer.ts'
import { systemCode } from '../../system-code.ts'

/** Bytes of text in a line, about. */
const pieceSize = 65_536

/** Where an export goes. */
export interface ExportFile {
  write(text: string): Promise<void>
  /** Ends the file. */
  close(): Promise<void>
}

/**
 * Makes a file that its owner alone can read (mode 0600), sealed if there is a passphrase.
 * @throws Error where it is there already
 */
export async function createExportFile(path: string, passphrase: string | null): Promise<ExportFile> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error
    throw new Error(`${path} is there already and stays as it is; name another file, or move it away`)
  })
  if (passphrase === null) return { write: async (text) => void (await file.write(text)), close: () => file.close() }
  const header = newPassphraseHeader()
  const sealer = await createPassphraseSealer(passphrase, header)
  await file.write(`${JSON.stringify(header)}\n`)
  let waiting = ''
  return {
    async write(text) {
      waiting += text
      if (waiting.length < pieceSize) return
      await file.write(`${sealer.seal(waiting, false)}\n`)
      waiting = ''
    },
    async close() {
      await file.write(`${sealer.seal(waiting, true)}\n`)
      await file.sync()
      await file.close()
    },
  }
}

/** The header of a sealed file; null for any other. */
export async function readSealedHeader(path: string): Promise<PassphraseHeader | null> {
  for await (const line of linesOf(path)) return line.length < 1000 ? readPassphraseHeader(line) : null
  return null
}

/** The text of a sealed file. @throws Error for a wrong passphrase, and for a file that was changed or cut off */
export async function* readSealed(path: string, passphrase: string): AsyncGenerator<string> {
  let sealer: Awaited<ReturnType<typeof createPassphraseSealer>> | null = null
  let is_over = false
  for await (const line of linesOf(path)) {
    if (!sealer) {
      const header = readPassphraseHeader(line)
      if (!header) throw new Error(`${path} is not sealed`)
      sealer = await createPassphraseSealer(passphrase, header)
      continue
    }
    if (is_over) throw new Error(`${path} goes on behind its end`)
    const { text, is_last } = sealer.open(line)
    is_over = is_last
    yield text
  }
  if (!is_over) throw new Error(`${path} was cut off`)
}

const linesOf = (path: string) =>
  createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
