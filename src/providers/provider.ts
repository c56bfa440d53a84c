// What a provider is: a record of data, and one function that reads its profile.
import type { Config, ProviderName } from '../config/keys.ts'
import type { Profile } from './claims.ts'
import type { IdTokenRules } from './id-token.ts'
import type { TokenFacts } from './profile-of-id-token.ts'
import type { Json } from './read-answer.ts'

/** A host, which the URL setting of the provider replaces as a whole, and a path below it. */
export type Place = readonly [host: string, path: string]

/** The variables of a provider. */
export type ProviderSettings = Config['external'][ProviderName]

/** What a provider gave for a code. */
export interface ProviderTokens {
  access_token: string
  /** `''` without one. */
  refresh_token: string
  /** Seconds that the access token lives; null when the provider does not tell. */
  expires_in: number | null
  id_token: string
  /** The whole answer. */
  answer: Json
}

/** What a profile function may use. */
export interface ProfileCall {
  /** Address of the API, which is also `iss` of the claims. */
  api: string
  settings: ProviderSettings
  tokens: ProviderTokens
  /** Form field `user` of the callback (Apple). */
  form_user: string
  /**
   * An answer of the API for the access token.
   * @throws Error for any status but 2xx, and for what is no JSON
   */
  get(address: string, headers?: Record<string, string>): Promise<unknown>
  /** The profile of the ID token, once its issuer, signature, times and audience (our first client id) are checked. */
  fromIdToken(rules: IdTokenRules, facts?: TokenFacts): Promise<Profile>
}

/** A provider of OAuth 2.0 (RFC 6749). */
export interface Provider {
  /** Name as people know it. */
  title: string
  /**
   * The field that proves an e-mail address to be the person's. Null where the provider has none: then its addresses
   * count as unverified, and never link accounts (security rule 5).
   */
  email_proof: string | null
  /** Scopes that are always asked for. */
  scopes: readonly string[]
  /** The one of these that asks for the e-mail address, where providers refuse applications that may not ask for it. */
  email_scope?: string
  /** Whether scopes of the query are left out. */
  fixed_scopes?: true
  /** Where people are sent; from discovery where a provider has none of its own, as the next. */
  authorize?: Place
  token?: Place
  /** Base of the profile calls. */
  api?: Place
  /** Path of the API below a configured URL, where it is another one. */
  own_api_path?: string
  /** The issuer whose discovery document names the endpoints and keys. */
  issuer?: string
  /** Whether the flow towards the provider uses PKCE (RFC 7636). */
  pkce?: true
  /** Client credentials go into the form at once; otherwise Basic is tried first. */
  credentials?: 'form'
  /** Further parameters of the way there; with `forwards: false` those of the query are dropped. */
  parameters?: Readonly<Record<string, string>>
  forwards?: false
  /** Further fields of the token call. */
  token_fields?: (settings: ProviderSettings) => Record<string, string>
  /** Why the configuration is not enough, if so. */
  missing?: (settings: ProviderSettings) => string | null
  profile(call: ProfileCall): Promise<Profile>
}

/** The base address of a place: the URL setting without its last slash, or the provider's own host. */
export const baseOf = (host: string, settings: ProviderSettings): string =>
  settings.url === '' ? `https://${host}` : settings.url.replace(/\/$/, '')

/** The address of a place. */
export const addressOf = ([host, path]: Place, settings: ProviderSettings): string => baseOf(host, settings) + path
