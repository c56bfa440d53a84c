// A listener of its own beside the server's, for metrics and profiles: by GET, one answer a path.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { listenProblem } from '../config/listen-problem.ts'
import type { Listener } from '../config/listeners.ts'
import type { Logger } from '../log.ts'

/** What is answered. */
export interface Content {
  type: string
  body: string | Buffer
  /** Name under which a browser keeps it. */
  file?: string
}

/** Where it listens, and what it answers; null for what is not there. */
export interface BesideOptions extends Listener {
  log: Logger
  answer(url: URL): Promise<Content | null>
}

/**
 * Listens.
 * @throws Error that says what keeps it from that
 */
export async function listenBeside(options: BesideOptions): Promise<{ port: number; close(): Promise<void> }> {
  const { what, host, port, log, answer } = options
  const server = createServer(async (request, response) => {
    const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
    try {
      if (request.method !== 'GET') {
        response.writeHead(405, { ...plain, allow: 'GET' }).end('only GET\n')
        return
      }
      const content = await answer(new URL(request.url ?? '/', 'http://localhost'))
      if (!content) response.writeHead(404, plain).end('not found\n')
      else {
        const kept = content.file ? { 'content-disposition': `attachment; filename="${content.file}"` } : {}
        response.writeHead(200, { ...plain, ...kept, 'content-type': content.type }).end(content.body)
      }
    } catch (error) {
      log.warn({ err: error }, `${what} could not be answered`)
      response.writeHead(503, { ...plain, 'retry-after': '5' }).end('try again\n')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(listenProblem(error, options))))
    server.listen(port, host || undefined, resolve)
  })
  server.unref()
  const { port: got } = server.address() as AddressInfo
  log.info({ host, port: got }, `${what} can be fetched`)
  return {
    port: got,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
