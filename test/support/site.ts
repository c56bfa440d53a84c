// An application's site on loopback: one page with the published supabase-js, and a server of ours below /auth/v1.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { mint, startTestServer, type TestServer } from './server.ts'

/** A site whose `url` is an origin that browsers trust. */
export interface Site {
  url: string
  server: TestServer
  /** Key of the role anon, for clients. */
  anon_key: string
  close(): Promise<void>
}

const script = fileURLToPath(new URL('../../node_modules/@supabase/supabase-js/dist/umd/supabase.js', import.meta.url))

/** Starts a site; `env` gets the site's origin. */
export async function startSite(env: (origin: string) => Record<string, string>): Promise<Site> {
  const anon_key = mint({ role: 'anon' })
  let server: TestServer | undefined
  const http = createServer(async (request, response) => {
    const path = request.url ?? '/'
    if (!path.startsWith('/auth/v1') || !server) {
      const is_script = path === '/supabase.js'
      response.writeHead(200, { 'content-type': is_script ? 'text/javascript' : 'text/html' })
      response.end(is_script ? await readFile(script) : page(anon_key))
      return
    }
    const answer = await server.auth.fetch(await toRequest(request), { client_address: '127.0.0.1' })
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://localhost:${Object(http.address()).port}`
  server = await startTestServer({ env: { POSTERN_BASE_PATH: '/auth/v1', GOTRUE_SITE_URL: url, ...env(url) } })
  const started = server
  return {
    url,
    server: started,
    anon_key,
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await started.close()
    },
  }
}

async function toRequest(request: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { method = 'GET' } = request
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)])
  const body = Buffer.concat(chunks)
  return new Request(`http://${request.headers.host}${request.url}`, {
    method,
    headers: headers.filter(([name]) => !['connection', 'transfer-encoding'].includes(name)),
    ...(method !== 'GET' && method !== 'HEAD' && { body }),
  })
}

const page = (
  key: string,
) => `<!doctype html><html lang="en"><title>My application</title><script src="/supabase.js"></script>
<script>const client = supabase.createClient(location.origin, ${JSON.stringify(key)})</script><h1>My application</h1></html>`
