// Identity providers played by one server on the loopback: every https address of a test leads here.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** A request that reached a provider. */
export interface MockCall {
  method: string
  /** As it was called, `https://host/path`, without the query. */
  address: string
  query: Record<string, string>
  headers: IncomingHttpHeaders
  body: string
  form: Record<string, string>
}

/** What a provider answers: JSON, or text of another type. */
export interface MockAnswer {
  status?: number
  headers?: Record<string, string>
  type?: string
  body?: unknown
  /** An endless text instead of a body. */
  megabytes?: number
}
type Handler = (call: MockCall) => MockAnswer | Promise<MockAnswer>

/** The providers of a test. */
export interface MockProviders {
  origin: string
  /** For the server under test: leads https addresses here. */
  fetch: typeof globalThis.fetch
  calls: MockCall[]
  callsOf(address: string): MockCall[]
  on(address: string, answer: MockAnswer | Handler): void
  /** Publishes a discovery document and the keys of an issuer. */
  publish(issuer: string, more?: Record<string, unknown>): void
  /** An ID token signed with the issuers' key: an hour from now unless `exp` is given. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  stop(): Promise<void>
}

/** Starts the providers. */
export async function startMockProviders(): Promise<MockProviders> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'mock', use: 'sig', alg: 'RS256' }
  const handlers = new Map<string, Handler>()
  const calls: MockCall[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://mock')
    let body = ''
    for await (const chunk of request) body += chunk
    const call: MockCall = {
      method: request.method ?? '',
      address: `https:/${url.pathname}`,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body,
      form: Object.fromEntries(new URLSearchParams(body)),
    }
    calls.push(call)
    const answer = (await handlers.get(call.address)?.(call)) ?? { status: 404, body: { error: 'nothing here' } }
    if (answer.megabytes !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' })
      // Bit by bit, as a network does: whoever hangs up is sent no more.
      pipeline(Readable.from(megabytes(answer.megabytes)), response, () => {})
      return
    }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {})
    const type = answer.type ?? 'application/json'
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers }).end(text)
  }).listen(0, '127.0.0.1')
  // Else it hangs up on whoever asks again after five seconds, when a stall keeps the client from hanging up first.
  server.keepAliveTimeout = 0
  await once(server, 'listening')
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const on: MockProviders['on'] = (place, answer) =>
    void handlers.set(place, typeof answer === 'function' ? answer : () => answer)
  return {
    origin,
    calls,
    callsOf: (place) => calls.filter((call) => call.address === place),
    on,
    fetch: (input, init) => fetch(String(input).replace(/^https:\//, origin), init),
    publish(issuer, more = {}) {
      const base = issuer.replace(/\/$/, '')
      const document = {
        issuer,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
        userinfo_endpoint: `${base}/userinfo`,
        jwks_uri: `${base}/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
        ...more,
      }
      on(`${base}/.well-known/openid-configuration`, { body: document })
      on(`${base}/keys`, { body: { keys: [jwk] } })
    },
    async sign(claims, header = {}) {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ iat: now, exp: now + 3600, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'mock', ...header })
        .sign(privateKey)
    },
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Variables that enable providers of the registry. */
export function enabled(names: readonly string[]): Record<string, string> {
  const entries = names.flatMap((name) => {
    const variable = `GOTRUE_EXTERNAL_${name.toUpperCase()}`
    return [
      [`${variable}_ENABLED`, 'true'],
      [`${variable}_CLIENT_ID`, `${name}-client`],
      [`${variable}_SECRET`, `${name} secret/1`],
      [`${variable}_REDIRECT_URI`, 'http://auth.example.test/callback'],
    ]
  })
  return Object.fromEntries(entries)
}

function* megabytes(count: number): Generator<string> {
  const piece = 'x'.repeat(65_536)
  for (let sent = 0; sent < count * 16; sent++) yield piece
}
