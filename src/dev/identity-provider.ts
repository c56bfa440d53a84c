// An identity provider for `postern dev`: sign-in "with a provider" can be tried without an account anywhere.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { identityPage } from './identity-page.ts'
import { isForeign } from './is-foreign.ts'

/** Milliseconds that a code and an access token live. */
const codeLife_ms = 60_000
const tokenLife_ms = 3_600_000
const paths = '/protocol/openid-connect'

/** A person as they described themselves. */
interface Person {
  email: string
  name: string
  verified: boolean
}

/** A person who has a code or an access token. */
interface Grant {
  person: Person
  client_id: string
  redirect_uri: string
  challenge: string
  nonce: string
  until: number
}

/** Answers below its issuer, and makes provider `keycloak` work. */
export interface DevIdentityProvider {
  /** Null for requests that are not for it. */
  handle(request: Request): Promise<Response | null>
  /** Variables that make it the provider `keycloak`. */
  env: Record<string, string>
}

/**
 * Makes a provider that believes everybody; for loopback only, never for `serve`.
 * @param options `issuer` is its address; `callback` the server's own, `/auth/v1/callback` of the same origin without it
 */
export function createDevIdentityProvider(options: { issuer: string; callback?: string }): DevIdentityProvider {
  const { issuer } = options
  const origin = new URL(issuer).origin
  const base = new URL(issuer).pathname.replace(/\/$/, '')
  const secret = randomBytes(24).toString('base64url')
  const keys = generateKeyPair('ES256')
  const codes = new Map<string, Grant>()
  const tokens = new Map<string, Grant>()
  const people: string[] = []

  const issueCode = (form: URLSearchParams): Response => {
    const redirect_uri = form.get('redirect_uri') ?? ''
    const target = new URL(redirect_uri)
    const state = form.get('state') ?? ''
    if (state !== '') target.searchParams.set('state', state)
    if (form.get('decision') !== 'allow') {
      target.searchParams.set('error', 'access_denied')
      target.searchParams.set('error_description', 'The person refused')
      return Response.redirect(target.href, 303)
    }
    const email = (form.get('email') ?? '').trim().toLowerCase()
    const person = { email, name: (form.get('name') ?? '').trim(), verified: form.get('verified') === 'true' }
    remember(people, email)
    const code = randomBytes(24).toString('base64url')
    const [client_id, challenge, nonce] = ['client_id', 'code_challenge', 'nonce'].map((name) => form.get(name) ?? '')
    codes.set(code, {
      person,
      redirect_uri,
      client_id: client_id ?? '',
      challenge: challenge ?? '',
      nonce: nonce ?? '',
      until: Date.now() + codeLife_ms,
    })
    target.searchParams.set('code', code)
    return Response.redirect(target.href, 303)
  }

  const issueTokens = async (form: URLSearchParams): Promise<Response> => {
    const code = form.get('code') ?? ''
    const grant = codes.get(code)
    codes.delete(code)
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const isRight = grant && grant.until > Date.now() && form.get('redirect_uri') === grant.redirect_uri
    if (!isRight || (grant.challenge !== '' && grant.challenge !== verifier))
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    const access_token = randomUUID()
    tokens.set(access_token, { ...grant, until: Date.now() + tokenLife_ms })
    const { privateKey } = await keys
    const claims = { ...userinfo(grant.person), ...(grant.nonce !== '' && { nonce: grant.nonce }) }
    const id_token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'dev' })
      .setIssuer(issuer)
      .setAudience(grant.client_id)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
    return Response.json({ access_token, token_type: 'bearer', expires_in: tokenLife_ms / 1000, id_token })
  }

  const showPerson = (request: Request): Response => {
    const token = /^bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
    const grant = tokens.get(token)
    if (!grant || grant.until < Date.now()) return Response.json({ error: 'invalid_token' }, { status: 401 })
    return Response.json(userinfo(grant.person))
  }

  return {
    env: {
      GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true',
      GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: 'postern-dev',
      GOTRUE_EXTERNAL_KEYCLOAK_SECRET: secret,
      GOTRUE_EXTERNAL_KEYCLOAK_URL: issuer,
      GOTRUE_EXTERNAL_KEYCLOAK_REDIRECT_URI: options.callback ?? `${origin}/auth/v1/callback`,
    },
    async handle(request) {
      const url = new URL(request.url)
      if (url.pathname !== base && !url.pathname.startsWith(`${base}/`)) return null
      if (isForeign(request))
        return Response.json(
          { error: 'this provider answers only pages and programs of this machine' },
          { status: 403 },
        )
      const place = `${request.method} ${url.pathname.slice(base.length)}`
      if (place === `GET ${paths}/auth` || place === `POST ${paths}/auth`) {
        const form = request.method === 'POST' ? new URLSearchParams(await request.text()) : url.searchParams
        // It sends codes nowhere but to the server that it belongs to.
        if (!(form.get('redirect_uri') ?? '').startsWith(`${origin}/`))
          return new Response('redirect_uri is not an address of this server', { status: 400 })
        return request.method === 'POST' ? issueCode(form) : showPage(url.searchParams, people)
      }
      if (place === `POST ${paths}/token`) return issueTokens(new URLSearchParams(await request.text()))
      if (place === `GET ${paths}/userinfo`) return showPerson(request)
      if (place === `GET ${paths}/certs`) {
        const jwk = await exportJWK((await keys).publicKey)
        return Response.json({ keys: [{ ...jwk, kid: 'dev', alg: 'ES256', use: 'sig' }] })
      }
      if (place === 'GET /.well-known/openid-configuration') return Response.json(discovery(issuer))
      return new Response('not found', { status: 404 })
    },
  }
}

/** The same address is the same person, whenever. */
const userinfo = ({ email, name, verified }: Person) => ({
  sub: createHash('sha256').update(email).digest('hex').slice(0, 24),
  email,
  email_verified: verified,
  ...(name !== '' && { name }),
})

function remember(people: string[], email: string): void {
  const at = people.indexOf(email)
  if (at >= 0) people.splice(at, 1)
  people.unshift(email)
  people.length = Math.min(people.length, 20)
}

function showPage(query: URLSearchParams, people: readonly string[]): Response {
  const names = ['client_id', 'redirect_uri', 'state', 'nonce', 'code_challenge']
  const hidden = Object.fromEntries(names.map((name) => [name, query.get(name) ?? '']))
  return new Response(identityPage(hidden, people), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // Nothing but its own style and form; the redirect that follows the form leads to this origin.
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    },
  })
}

const discovery = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}${paths}/auth`,
  token_endpoint: `${issuer}${paths}/token`,
  userinfo_endpoint: `${issuer}${paths}/userinfo`,
  jwks_uri: `${issuer}${paths}/certs`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
})
