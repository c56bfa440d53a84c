// Providers that an administrator added: plain OAuth 2.0, or OpenID Connect by discovery.
import { claimsByName, isTrue, oneEmail, type Profile, profileByName } from './claims.ts'
import type { DiscoveryDocument } from './discovery.ts'
import { type EngineTools, getJson, type OAuthPerson, type SignInProvider, scopeOf } from './engine.ts'
import { hasAudience, IdTokenError, verifyIdToken } from './id-token.ts'
import { askForTokens, challengeOf, withParameters } from './oauth2-client.ts'
import { profileOfIdToken } from './profile-of-id-token.ts'
import { isNumber, type Json, object, text } from './read-answer.ts'

/** What an administrator wrote down, with the secret in clear. */
export interface CustomProviderSettings {
  provider_type: 'oauth2' | 'oidc'
  client_id: string
  client_secret: string
  acceptable_client_ids: string[]
  scopes: string[]
  pkce_enabled: boolean
  attribute_mapping: Json
  custom_claims_allowlist: string[]
  authorization_params: Json
  email_optional: boolean
  issuer: string | null
  discovery_url: string | null
  authorization_url: string | null
  token_url: string | null
  userinfo_url: string | null
  redirect_uri: string
}

/** Where a provider's endpoints are. */
interface Endpoints {
  authorization: string
  token: string
  userinfo: string
}

/** A provider of an administrator's. */
export function createCustomProvider(settings: CustomProviderSettings, tools: EngineTools): SignInProvider {
  const { client_id, client_secret, redirect_uri } = settings
  const endpoints = async (signal: AbortSignal): Promise<Endpoints> =>
    settings.provider_type === 'oidc'
      ? ofDocument(await tools.discovery.document(placeOf(settings), signal))
      : {
          authorization: settings.authorization_url ?? '',
          token: settings.token_url ?? '',
          userinfo: settings.userinfo_url ?? '',
        }
  const ask = async (fields: Record<string, string>, signal: AbortSignal) => {
    const { token: token_url } = await endpoints(signal)
    return askForTokens({ token_url, client_id, secret: client_secret }, fields, tools, signal)
  }
  return {
    email_optional: settings.email_optional,
    async begin({ state, scopes, parameters, signal }) {
      const { authorization } = await endpoints(signal)
      const secret = settings.pkce_enabled ? tools.random(32).toString('base64url') : null
      // Scopes of the query stand in place of the configured ones here.
      const scope = scopeOf(scopes.trim() === '' ? settings.scopes : scopes.split(/\s+/))
      const own = Object.entries(settings.authorization_params).map(([name, value]) => [name, text(value)])
      const location = withParameters(authorization, {
        client_id,
        redirect_uri,
        response_type: 'code',
        ...(scope !== '' && { scope }),
        state,
        ...parameters,
        ...Object.fromEntries(own),
        ...(secret !== null && { code_challenge: challengeOf(secret), code_challenge_method: 'S256' }),
      })
      return { location, secret }
    },
    exchange({ parameters, secret, signal }) {
      const code = parameters.get('code') ?? ''
      const fields = { grant_type: 'authorization_code', code, redirect_uri }
      return ask(secret === null ? fields : { ...fields, code_verifier: secret }, signal)
    },
    refresh: (refresh_token, signal) => ask({ grant_type: 'refresh_token', refresh_token }, signal),
    async profile(person) {
      if (settings.provider_type === 'oidc' && person.tokens.id_token !== '')
        return fromIdToken(settings, person, tools)
      const { userinfo } = await endpoints(person.signal)
      if (userinfo === '') throw new Error('the provider has neither an ID token nor a userinfo endpoint')
      const raw = await getJson(tools.call, userinfo, { bearer: person.tokens.access_token, signal: person.signal })
      return fromUserinfo(settings, object(raw))
    },
  }
}

const ofDocument = (document: DiscoveryDocument): Endpoints => ({
  authorization: document.authorization_endpoint,
  token: document.token_endpoint,
  userinfo: document.userinfo_endpoint,
})

/** Where the discovery document of a provider is. */
export const placeOf = ({ issuer, discovery_url }: Pick<CustomProviderSettings, 'issuer' | 'discovery_url'>) => ({
  issuer: issuer ?? '',
  ...(discovery_url && { address: discovery_url }),
})

async function fromIdToken(
  settings: CustomProviderSettings,
  person: OAuthPerson,
  tools: EngineTools,
): Promise<Profile> {
  const rules = { place: placeOf(settings) }
  const raw = await verifyIdToken(person.tokens.id_token, rules, { ...tools, signal: person.signal })
  if (!hasAudience(raw, [settings.client_id, ...settings.acceptable_client_ids]))
    throw new IdTokenError('the ID token is for another client')
  return customIdTokenProfile(
    settings,
    raw.email === undefined ? await withUserinfo(settings, person, raw, tools) : raw,
  )
}

/**
 * Claims that providers show at the userinfo endpoint alone where a code is exchanged (OpenID Connect Core §5.4); the ID
 * token's own come first, and without an answer about the same person (§5.3.2) they are all there is.
 */
async function withUserinfo(
  settings: CustomProviderSettings,
  { tokens, signal }: OAuthPerson,
  raw: Json,
  tools: EngineTools,
): Promise<Json> {
  const { userinfo } = ofDocument(await tools.discovery.document(placeOf(settings), signal))
  if (userinfo === '' || tokens.access_token === '') return raw
  const shown = await getJson(tools.call, userinfo, { bearer: tokens.access_token, signal }).catch(() => null)
  const more = object(shown)
  return more.sub === raw.sub ? { ...more, ...raw } : raw
}

/** The profile of a verified ID token; the address is the token's own, before the mapping. */
export function customIdTokenProfile(settings: MappingSettings, raw: Json): Profile {
  const { claims, emails } = profileOfIdToken(raw)
  return { claims: mapClaims(settings, raw, claims), emails }
}

function fromUserinfo(settings: MappingSettings, raw: Json): Profile {
  const claims = mapClaims(settings, raw, profileByName(raw).claims)
  // Whether an address is proved is the provider's word only for the address that it belongs to.
  const isOwn = raw.email === undefined || claims.email === raw.email
  return { claims, emails: oneEmail(claims.email, isOwn && isTrue(raw.email_verified)) }
}

type MappingSettings = Pick<CustomProviderSettings, 'attribute_mapping' | 'custom_claims_allowlist'>

/** Claims after the mapping: a text names the claim to copy, another value stands for itself. */
function mapClaims(settings: MappingSettings, raw: Json, claims: Json): Json {
  const mapped: Json = { ...claims }
  for (const [target, source] of Object.entries(settings.attribute_mapping)) {
    const value = typeof source === 'string' ? raw[source] : source
    if (value === undefined || value === null) continue
    const isId = isNumber(value) && (target === 'sub' || target === 'provider_id')
    Object.assign(mapped, claimsByName({ [target]: isId ? text(value) : value }))
  }
  const allowed = settings.custom_claims_allowlist.filter((name) => Object.hasOwn(raw, name))
  const custom = Object.fromEntries(allowed.map((name) => [name, raw[name]]))
  return allowed.length === 0 ? mapped : { ...mapped, custom_claims: { ...Object(mapped.custom_claims), ...custom } }
}
