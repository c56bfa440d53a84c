// The socket that `postern reload` speaks to a server by: a question and an answer, a line of JSON each.
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What a server says to a question. */
export interface ControlAnswer {
  ok: boolean
  /** Sentences for people. */
  lines: string[]
}

const longestQuestion = 100
const longestAnswer = 65_536

/** Where the socket of a server on this port lies, unless it is configured: a folder that only its user may enter. */
export function controlPath(configured: string, port: number): string {
  if (configured !== '') return configured
  return join(tmpdir(), `postern-${process.getuid?.() ?? 'user'}`, `${port}.sock`)
}

/**
 * Answers questions on a socket that only its user can open.
 * @throws Error where it cannot lie there, or another server answers on it
 */
export async function openControlSocket(
  path: string,
  answer: (question: string) => Promise<ControlAnswer>,
): Promise<{ close(): Promise<void> }> {
  requireOwnFolder(dirname(path))
  if (await isAnswered(path)) throw new Error(`another server answers on ${path}`)
  rmSync(path, { force: true })
  const server = createServer((socket) => {
    let text = ''
    socket.setEncoding('utf8').setTimeout(5000, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      text += chunk
      if (text.length > longestQuestion) socket.destroy()
      const end = text.indexOf('\n')
      if (end < 0) return
      socket.setTimeout(0)
      socket.removeAllListeners('data')
      void answer(text.slice(0, end)).then((said) => socket.end(`${JSON.stringify(said)}\n`))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  server.unref()
  return { close: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** In a folder of somebody else, that one could put a socket of their own in its place. */
function requireOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(folder)
  const user = process.getuid?.()
  const isOwn = user === undefined || uid === user || uid === 0
  if (!isOwn || (mode & 0o022) !== 0) throw new Error(`others may write to ${folder}`)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/**
 * Asks the server behind a socket.
 * @throws Error when nobody is there
 */
export function askServer(path: string, question: string): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let text = ''
    socket.setEncoding('utf8')
    socket.once('connect', () => socket.write(`${question}\n`))
    socket.on('data', (chunk) => {
      text += chunk
      if (text.length > longestAnswer) socket.destroy(new Error('the answer is too long'))
    })
    socket.once('error', (cause) =>
      reject(
        new Error(`no server answers on ${path}; give the --config, --port or --socket of one that runs`, { cause }),
      ),
    )
    socket.once('end', () => {
      try {
        resolve(JSON.parse(text))
      } catch {
        reject(new Error(`the server on ${path} ended before it answered`))
      }
    })
  })
}
