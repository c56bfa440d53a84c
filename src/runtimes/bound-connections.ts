// Keeps clients from using up what a process has: so many connections at once, and none on which an answer is never read.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** What clients may take. */
export interface ConnectionBounds {
  /** Connections at once; Infinity for as many as come. */
  max_connections: number
  /** Milliseconds that a piece of an answer may lie unread, and that a whole one without pieces may take. */
  unread_ms: number
}

/** Connections over the bound that are still being told so; further ones are cut off without a word. */
const max_refused = 100
/** Milliseconds within which a refused client has to close. */
const refused_ms = 1000
/** Milliseconds between two looks at all connections. */
const look_ms = 1000

const body = JSON.stringify({
  code: 503,
  error_code: 'service_unavailable',
  msg: 'The server has too many connections',
})
const refusal = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: application/json',
  `Content-Length: ${body.length}`,
  'Retry-After: 1',
  'Connection: close',
  '',
  body,
].join('\r\n')

/**
 * Bounds the connections of a server. One too many ends those that are kept alive without a request, which may be opened
 * again at any time; where none of them is, it is answered 503 with Retry-After itself.
 */
export function boundConnections(server: Server, { max_connections, unread_ms }: ConnectionBounds): void {
  const open = new Map<Socket, Reading>()
  const refused = new Set<Socket>()
  const accept = server.listeners('connection')
  let idle_ended_at = Number.NEGATIVE_INFINITY

  /** Ends idle connections, at most once in a moment: each time costs a walk over all of them. */
  const makeRoom = (): void => {
    const now = performance.now()
    if (now - idle_ended_at < look_ms) return
    idle_ended_at = now
    server.closeIdleConnections()
    for (const socket of open.keys()) if (socket.destroyed) open.delete(socket)
  }
  const refuse = (socket: Socket): void => {
    if (refused.size >= max_refused) return void socket.destroy()
    refused.add(socket)
    const timer = setTimeout(() => socket.destroy(), refused_ms)
    socket.on('error', () => {})
    socket.once('close', () => {
      clearTimeout(timer)
      refused.delete(socket)
    })
    // What the client sends is read, for a reset would take the answer from it.
    socket.resume().end(refusal)
  }
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    if (open.size >= max_connections) makeRoom()
    if (open.size >= max_connections) return refuse(socket)
    open.set(socket, { delivered: 0, since: 0 })
    socket.once('close', () => open.delete(socket))
    for (const listener of accept) Reflect.apply(listener, server, [socket])
  })
  let looked_ms = 0
  const endUnread = (): void => {
    // By looks and no clock: a process that stood still has not read either, and its readers are not to blame.
    looked_ms += look_ms
    // Otherwise the kernel would go on to hold for the reader what was written already.
    for (const [socket, reading] of open) if (isUnread(socket, reading, looked_ms, unread_ms)) socket.resetAndDestroy()
  }
  // A server whose port is taken never closes, since it never listened.
  server.once('listening', () => {
    const look = setInterval(endUnread, look_ms).unref()
    server.once('close', () => clearInterval(look))
  })
}

/** How far the answers on a connection have come: bytes that were taken off, and since when no more were. */
interface Reading {
  delivered: number
  since: number
}

/** Whether nothing of what waits to be read was taken for too long; a piece counts once it is gone as a whole. */
function isUnread(socket: Socket, reading: Reading, now: number, unread_ms: number): boolean {
  const waiting = socket.writableLength
  const delivered = socket.bytesWritten - waiting
  if (waiting > 0 && reading.since > 0 && delivered === reading.delivered) return now - reading.since >= unread_ms
  reading.delivered = delivered
  reading.since = waiting > 0 ? now : 0
  return false
}
