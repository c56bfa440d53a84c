// Signs people in with any provider of the registry: the way there, the token call, the profile.
import type { Profile } from './claims.ts'
import type { Discovery } from './discovery.ts'
import { hasAudience, IdTokenError, verifyIdToken } from './id-token.ts'
import { askForTokens, challengeOf, type TokenTools, withParameters } from './oauth2-client.ts'
import { profileOfIdToken } from './profile-of-id-token.ts'
import { addressOf, baseOf, type Provider, type ProviderSettings, type ProviderTokens } from './provider.ts'
import { parseJson, readAnswer } from './read-answer.ts'
import type { Call } from './safe-fetch.ts'

/** What a sign-in begins with. */
export interface Beginning {
  state: string
  /** Scopes of the query, as they were written. */
  scopes: string
  /** Parameters of the query that are passed on. */
  parameters: Record<string, string>
  signal: AbortSignal
}

/** Where to send a person, and what has to be kept until they come back: a code verifier, or null. */
export interface Begun {
  location: string
  secret: string | null
}

/** A person who came back: the parameters of the callback, and what was kept. */
export interface Return {
  parameters: URLSearchParams
  secret: string | null
  signal: AbortSignal
}

/** Whose profile is asked for. */
export interface OAuthPerson {
  tokens: ProviderTokens
  parameters: URLSearchParams
  signal: AbortSignal
}

/** A provider that is ready to sign people in; every call ends when its signal does. */
export interface SignInProvider {
  email_optional: boolean
  begin(beginning: Beginning): Promise<Begun>
  exchange(returned: Return): Promise<ProviderTokens>
  profile(person: OAuthPerson): Promise<Profile>
  /** @throws TokenRefused */
  refresh(refresh_token: string, signal: AbortSignal): Promise<ProviderTokens>
}

/** What providers share in a server. */
export interface EngineTools extends TokenTools {
  discovery: Discovery
  now: () => number
  random: (size: number) => Buffer
}

/** Why a provider cannot be used as it is configured; null when it can. */
export function missingSetting(settings: ProviderSettings, provider?: Provider): string | null {
  if (!settings.enabled) return 'provider is not enabled'
  if ((settings.client_id[0] ?? '') === '') return 'missing OAuth client ID'
  if (settings.secret === '') return 'missing OAuth secret'
  return provider?.missing?.(settings) ?? null
}

/** A provider of the registry with its settings. */
export function createOAuth2Provider(
  provider: Provider,
  settings: ProviderSettings,
  tools: EngineTools,
): SignInProvider {
  const client_id = settings.client_id[0] ?? ''
  const { redirect_uri } = settings
  const client = async (signal: AbortSignal) => ({
    token_url: provider.token
      ? addressOf(provider.token, settings)
      : (await tools.discovery.document({ issuer: provider.issuer ?? '', any_issuer: true }, signal)).token_endpoint,
    client_id,
    secret: settings.secret,
    ...(provider.credentials && { credentials: provider.credentials }),
  })
  const extra = provider.token_fields?.(settings) ?? {}
  return {
    email_optional: settings.email_optional,
    async begin({ state, scopes, parameters, signal }) {
      const address = provider.authorize
        ? addressOf(provider.authorize, settings)
        : (await tools.discovery.document({ issuer: provider.issuer ?? '', any_issuer: true }, signal))
            .authorization_endpoint
      const secret = provider.pkce ? tools.random(32).toString('base64url') : null
      const asked = provider.fixed_scopes ? [] : scopes.split(/[\s,]+/)
      const scope = scopeOf([...scopesOf(provider, settings), ...asked])
      const location = withParameters(address, {
        client_id,
        redirect_uri,
        response_type: 'code',
        ...(scope !== '' && { scope }),
        state,
        ...(provider.forwards === false ? {} : parameters),
        ...provider.parameters,
        ...(secret !== null && { code_challenge: challengeOf(secret), code_challenge_method: 'S256' }),
      })
      return { location, secret }
    },
    async exchange({ parameters, secret, signal }) {
      const fields = {
        grant_type: 'authorization_code',
        code: parameters.get('code') ?? '',
        redirect_uri,
        ...(secret !== null && { code_verifier: secret }),
        ...extra,
      }
      return askForTokens(await client(signal), fields, tools, signal)
    },
    async refresh(refresh_token, signal) {
      return askForTokens(await client(signal), { grant_type: 'refresh_token', refresh_token, ...extra }, tools, signal)
    },
    profile: ({ tokens, parameters, signal }) =>
      provider.profile({
        api: apiOf(provider, settings),
        settings,
        tokens,
        form_user: parameters.get('user') ?? '',
        get: (address, headers) => getJson(tools.call, address, { bearer: tokens.access_token, headers, signal }),
        async fromIdToken(rules, facts) {
          const claims = await verifyIdToken(tokens.id_token, rules, { ...tools, signal })
          if (!hasAudience(claims, [client_id])) throw new IdTokenError('the ID token is for another client')
          return profileOfIdToken(claims, facts)
        },
      }),
  }
}

/** What is always asked for; an address that nobody needs is left out where asking for it can fail. */
const scopesOf = ({ scopes, email_scope }: Provider, { email_optional }: ProviderSettings): string[] =>
  scopes.filter((scope) => !email_optional || scope !== email_scope)

/** A scope parameter (RFC 6749 §3.3): each word once. */
export const scopeOf = (words: readonly string[]): string => [...new Set(words)].filter((word) => word !== '').join(' ')

function apiOf({ api, own_api_path }: Provider, settings: ProviderSettings): string {
  if (!api) return ''
  return settings.url !== '' && own_api_path !== undefined
    ? baseOf(api[0], settings) + own_api_path
    : addressOf(api, settings)
}

/**
 * A JSON answer for an access token (RFC 6750 §2.1).
 * @throws Error for any status but 2xx
 */
export async function getJson(
  call: Call,
  address: string,
  { bearer, headers, signal }: { bearer: string; headers?: Record<string, string> | undefined; signal: AbortSignal },
): Promise<unknown> {
  const all = { accept: 'application/json', authorization: `Bearer ${bearer}`, 'user-agent': 'Postern', ...headers }
  const answer = await readAnswer(await call(address, { method: 'GET', headers: all, signal }))
  if (answer.status < 200 || answer.status > 299) throw new Error(`the provider answered ${answer.status}`)
  return parseJson(answer.text)
}
