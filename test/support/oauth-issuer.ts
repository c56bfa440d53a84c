// A server that other applications find at an address of its own, with everything of OAuth switched on.
import { listen } from '../../src/runtimes/node.ts'
import { applicationServer } from './applications.ts'
import { type Answer, type SignedIn, startTestServer, type TestServer } from './server.ts'

/** A server behind a socket on loopback. */
export interface OAuthIssuer {
  server: TestServer
  /** Its address, which is the issuer too. */
  issuer: string
  /** An application that an administrator makes. */
  application(fields: object): Promise<{ client_id: string; client_secret?: string }>
  /** Goes to an address of authorization as a person who agrees; gives where the browser is sent in the end. */
  agree(address: URL | string, person: SignedIn): Promise<URL>
  close(): Promise<void>
}

/** Starts a server; `env` wins over what it has by itself. */
export async function startOAuthIssuer(env: Record<string, string> = {}): Promise<OAuthIssuer> {
  let server: TestServer | undefined
  const listening = await listen(
    async (request, connection) => server?.auth.fetch(request, connection) ?? new Response(null, { status: 503 }),
    { host: '127.0.0.1', port: 0 },
  )
  const issuer = `http://127.0.0.1:${listening.port}`
  const own = { API_EXTERNAL_URL: issuer, GOTRUE_JWT_ISSUER: issuer, POSTERN_OAUTH_FEATURES: 'all' }
  const started = await startTestServer({ env: { ...applicationServer, ...own, ...env } })
  server = started
  return {
    server: started,
    issuer,
    async application(body) {
      const made = await started.request('POST', '/admin/oauth/clients', { as: 'service_role', body })
      if (made.status !== 201) throw new Error(`no application: ${made.status} ${made.text}`)
      return made.body as { client_id: string; client_secret?: string }
    },
    async agree(address, { access_token: token }) {
      const asked = await fetch(address, { redirect: 'manual' })
      const page = new URL(asked.headers.get('location') ?? '')
      const id = page.searchParams.get('authorization_id')
      if (id === null) return page
      const path = `/oauth/authorizations/${id}`
      const shown = await started.request('GET', path, { token })
      const answer: Answer = shown.body.redirect_url
        ? shown
        : await started.request('POST', `${path}/consent`, { token, body: { action: 'approve' } })
      return new URL(String(answer.body.redirect_url))
    },
    async close() {
      await listening.close(0)
      await started.close()
    },
  }
}
