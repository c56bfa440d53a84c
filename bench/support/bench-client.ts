// The client of measurements: node:http over connections that are kept, since its own cost must not hide that of the server.
import { Agent, request } from 'node:http'

/** One request; its answer as JSON. */
export type Ask = (
  method: string,
  path: string,
  options?: { body?: unknown; token?: string; headers?: Record<string, string> },
) => Promise<Record<string, unknown>>

/** A client. */
export interface BenchClient {
  ask: Ask
  close(): void
}

/** A client of a server on loopback; without `keepAlive` each request has a connection of its own. */
export function benchClient(port: number, connections: number, { keepAlive = true } = {}): BenchClient {
  const agent = new Agent({ keepAlive, maxSockets: connections })
  const ask: Ask = (method, path, options = {}) =>
    new Promise((resolve, reject) => {
      const { body, token, headers } = options
      const text = body === undefined ? undefined : JSON.stringify(body)
      const sent = request({
        host: '127.0.0.1',
        port,
        method,
        path,
        agent,
        headers: {
          ...headers,
          ...(token && { authorization: `Bearer ${token}` }),
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      })
      sent.on('error', (error) => {
        // A server may close a connection that nobody used for long at the moment that it is used again.
        const isClosed = sent.reusedSocket && Reflect.get(error, 'code') === 'ECONNRESET'
        if (isClosed) ask(method, path, options).then(resolve, reject)
        else reject(error)
      })
      sent.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString()
          if (Number(response.statusCode) >= 300)
            reject(new Error(`${method} ${path}: ${response.statusCode} ${answer}`))
          else resolve(answer === '' ? {} : JSON.parse(answer))
        })
      })
      sent.end(text)
    })
  return { ask, close: () => agent.destroy() }
}
