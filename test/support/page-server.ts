// A server with pages that a real browser reaches: http://localhost on a port that it gets.
import { type Handle, listen } from '../../src/runtimes/node.ts'
import { startTestServer, type TestServer } from './server.ts'

/** A server with its origin. */
export interface PageServer {
  url: string
  server: TestServer
  close(): Promise<void>
}

/** Starts a server with pages; `env` gets its origin. */
export async function startPageServer(
  env: (origin: string) => Record<string, string> = () => ({}),
  fetch?: typeof globalThis.fetch,
): Promise<PageServer> {
  const ready = Promise.withResolvers<Handle>()
  const listening = await listen(async (...request) => (await ready.promise)(...request), {
    host: '127.0.0.1',
    port: 0,
  })
  const url = `http://localhost:${listening.port}`
  const server = await startTestServer({
    env: { API_EXTERNAL_URL: url, POSTERN_PAGES: 'true', POSTERN_PAGES_NAME: 'Example', ...env(url) },
    ...(fetch && { fetch }),
  })
  ready.resolve(server.auth.fetch)
  return {
    url,
    server,
    async close() {
      await listening.close(0)
      await server.close()
    },
  }
}
