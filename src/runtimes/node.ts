// Listens with Node's HTTP server.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { Server as SocketServer } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { boundConnections, type ConnectionBounds } from './bound-connections.ts'

/** Answers a request of a client. */
export type Handle = (request: Request, connection: { client_address: string }) => Promise<Response>

/** A 200 that lies ready for a request, or null. */
export type KeptAnswer = (
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
) => { headers: Record<string, string>; body: Buffer } | null

/** A server that listens. */
export interface Listening {
  port: number
  /**
   * Takes no more connections, lets running requests finish for `grace_ms`, then ends. Connections that are kept alive may
   * bring one more request for `linger_ms`: one that is on its way when a connection is closed would fail.
   */
  close(grace_ms?: number, linger_ms?: number): Promise<void>
}

/** Access tokens of 80 KB are in use; slow headers are cut within ten seconds, slow bodies and readers after a minute. */
const limits = {
  maxHeaderSize: 131_072,
  headersTimeout: 8000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 65_000,
}

/** Times in milliseconds, and bounds, of which a caller may set others. */
export interface ListenOptions extends Partial<ConnectionBounds> {
  host: string
  port: number
  /** Within which the whole of a request has to be there. */
  requestTimeout?: number
}

/** Stands for the Host that HTTP/1.0 need not send, and that load balancers leave empty; nothing depends on it. */
const hostname = 'localhost'

/**
 * Starts to listen.
 * @param kept answers that lie ready, without the way over Request and Response, which costs as much as node:http itself
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function listen(
  handle: Handle,
  options: ListenOptions,
  kept: KeptAnswer = () => null,
): Promise<Listening> {
  const fetch = (request: Request, env: object) => {
    const incoming: IncomingMessage | undefined = Reflect.get(env, 'incoming')
    return handle(request, { client_address: incoming?.socket.remoteAddress ?? '' })
  }
  const { requestTimeout = limits.requestTimeout } = options
  const headersTimeout = Math.min(limits.headersTimeout, requestTimeout)
  const withKept = (serverOptions: ServerOptions, listener: RequestListener) =>
    createServer(serverOptions, (request, response) => {
      const ready = kept(request)
      if (ready) response.writeHead(200, ready.headers).end(ready.body)
      else listener(request, response)
    })
  const server = createAdaptorServer({
    fetch,
    createServer: withKept as typeof createServer,
    hostname,
    serverOptions: { ...limits, headersTimeout, requestTimeout },
  }) as Server
  server.keepAliveTimeout = limits.keepAliveTimeout
  const { max_connections = Number.POSITIVE_INFINITY, unread_ms = limits.requestTimeout } = options
  boundConnections(server, { max_connections, unread_ms })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host || undefined, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: (grace_ms = 10_000, linger_ms = 0) => close(server, grace_ms, linger_ms),
  }
}

async function close(server: Server, grace_ms: number, linger_ms: number): Promise<void> {
  server.prependListener('request', (_request, response: ServerResponse) => response.setHeader('connection', 'close'))
  // The close of an HTTP server would end idle connections at once, and the timer that cuts slow ones with them.
  const ended = new Promise<void>((resolve) => SocketServer.prototype.close.call(server, () => resolve()))
  // What arrived while this process stood still is read first: such a connection is not idle.
  const lingering = setTimeout(() => setImmediate(() => server.closeIdleConnections()), linger_ms)
  const timer = setTimeout(() => server.closeAllConnections(), grace_ms)
  await ended
  clearTimeout(lingering)
  clearTimeout(timer)
  server.close()
}
