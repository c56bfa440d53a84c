// An MCP client from nothing to a tool's answer: the TypeScript SDK's own OAuth client finds the server, registers or shows its
// document, and a person agrees on the page of consent, in a real browser.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { after, before, test } from 'node:test'
import { type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { Browser } from 'playwright-core'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { withWindow } from '../support/page-tour.ts'
import { claimsOf } from '../support/server.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
const documentUrl = 'https://agent.example/oauth/client.json'
let site: PageServer
let tools: Served
let callback: Served
let arrived = Promise.withResolvers<URL>()

interface Served {
  url: string
  close(): Promise<unknown>
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<Served> {
  const http = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${Object(http.address()).port}`,
    close() {
      http.closeAllConnections()
      return new Promise((resolve) => http.close(resolve))
    },
  }
}

/** A server of tools that lets in whom this server knows, and says where to sign in (RFC 9728). */
async function answerTools(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const metadata = '/.well-known/oauth-protected-resource'
  if (request.url?.startsWith(metadata)) {
    const about = {
      resource: `${tools.url}/mcp`,
      authorization_servers: [site.url],
      scopes_supported: ['openid', 'email'],
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(about))
    return
  }
  const { authorization = '' } = request.headers
  const known = await fetch(`${site.url}/oauth/userinfo`, { headers: { authorization } })
  if (!known.ok) {
    const challenge = `Bearer resource_metadata="${tools.url}${metadata}/mcp"`
    response.writeHead(401, { 'www-authenticate': challenge }).end()
    return
  }
  const { email } = Object(await known.json())
  const server = new McpServer({ name: 'tools', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Who asks' }, () => ({
    content: [{ type: 'text', text: String(email) }],
  }))
  const transport = new StreamableHTTPServerTransport({})
  response.on('close', () => void transport.close())
  await server.connect(transport as Transport)
  await transport.handleRequest(request, response)
}

before(async () => {
  if (skip) return
  site = await startPageServer(
    (origin) => ({
      GOTRUE_JWT_ISSUER: origin,
      GOTRUE_SITE_URL: 'http://localhost:1',
      GOTRUE_OAUTH_SERVER_ENABLED: 'true',
      GOTRUE_OAUTH_SERVER_ALLOW_DYNAMIC_REGISTRATION: 'true',
      POSTERN_OAUTH_FEATURES: 'client_documents,iss,resource_metadata',
      POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true',
    }),
    async (input, init) =>
      String(input) === documentUrl
        ? Response.json({ ...metadataOf(), client_id: documentUrl, client_name: 'Agent by document' })
        : fetch(input, init),
  )
  callback = await serve((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Back</title><h1>Back</h1>')
    if (request.url?.startsWith('/callback')) arrived.resolve(new URL(request.url, callback.url))
  })
  tools = await serve(answerTools)
})
after(async () => {
  if (skip) return
  await browser.close()
  for (const { close } of [tools, callback]) await close()
  await site.close()
})

const metadataOf = () => ({
  client_name: 'Agent',
  redirect_uris: [`${callback.url}/callback`],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
})

/** What an application of the SDK keeps: in memory here, and it opens the browser itself. */
function keeper(document: string | null) {
  const kept: { client?: OAuthClientInformationMixed; tokens?: OAuthTokens; verifier: string; address?: URL } = {
    verifier: '',
  }
  const provider: OAuthClientProvider = {
    redirectUrl: `${callback.url}/callback`,
    ...(document !== null && { clientMetadataUrl: document }),
    clientMetadata: metadataOf(),
    state: () => 'state-of-the-client',
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void Object.assign(kept, { client }),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void Object.assign(kept, { tokens }),
    redirectToAuthorization: (address) => void Object.assign(kept, { address }),
    saveCodeVerifier: (verifier) => void Object.assign(kept, { verifier }),
    codeVerifier: () => kept.verifier,
  }
  return { kept, provider }
}

const connect = async (provider: OAuthClientProvider) => {
  const transport = new StreamableHTTPClientTransport(new URL(`${tools.url}/mcp`), { authProvider: provider })
  const client = new Client({ name: 'agent', version: '1.0.0' })
  return { transport, client, opened: client.connect(transport as Transport) }
}

async function whoami(client: Client): Promise<string> {
  const { content } = await client.callTool({ name: 'whoami' })
  return String(Object((content as unknown[])[0]).text)
}

for (const [what, document, name, host] of [
  ['that registers itself', null, 'Agent', ''],
  ['that shows its document', documentUrl, 'Agent by document', 'agent.example'],
] as const)
  test(`an MCP client ${what} signs a person in on the page of consent, and calls a tool as them`, { skip }, () =>
    withWindow(browser, async (page) => {
      arrived = Promise.withResolvers()
      const { user } = await site.server.user({ email: `mcp-${document === null ? 'one' : 'two'}@example.com` })
      const { kept, provider } = keeper(document)
      const first = await connect(provider)
      await assert.rejects(first.opened, UnauthorizedError)
      const asked = kept.address?.searchParams
      assert.deepEqual([asked?.get('scope'), asked?.get('resource')], ['openid email', `${tools.url}/mcp`])
      assert.equal(asked?.get('client_id') === documentUrl, document !== null)

      await page.goto(String(kept.address))
      await page.getByLabel('Email address').fill(user.email)
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByText('Enter your password').waitFor()
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: new RegExp(name) }).waitFor()
      const text = String(await page.locator('main').textContent())
      assert.match(text, new RegExp(new URL(callback.url).host), 'where the person goes back to')
      if (host !== '') assert.match(text, new RegExp(host), 'who vouches for the name')
      assert.equal(await page.locator('main img').count(), 0)
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
      await page.getByRole('heading', { name: 'Back' }).waitFor()

      const answer = (await arrived.promise).searchParams
      assert.deepEqual([answer.get('state'), answer.get('iss')], ['state-of-the-client', site.url])
      await first.transport.finishAuth(answer.get('code') ?? '')
      const { access_token, refresh_token, id_token } = kept.tokens ?? { access_token: '' }
      assert.equal(claimsOf(access_token).sub, user.id)
      assert.equal(claimsOf(id_token ?? '').aud, document ?? kept.client?.client_id)
      const second = await connect(provider)
      await second.opened
      assert.equal(await whoami(second.client), user.email)

      // Without the access token the client refreshes by itself.
      kept.tokens = { token_type: 'bearer', ...kept.tokens, access_token: 'gone' }
      assert.equal(await whoami(second.client), user.email)
      assert.notEqual(kept.tokens.refresh_token, refresh_token)
      await second.client.close()
      await first.client.close()
    }),
  )
