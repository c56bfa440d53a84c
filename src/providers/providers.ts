// The providers of a server: those of the registry, those of administrators, and the issuers of ID tokens.
import type { JSONWebKeySet } from 'jose'
import { callbackAddress } from '../config/callback-address.ts'
import type { Config, ProviderName } from '../config/keys.ts'
import { type CustomProviderSettings, createCustomProvider } from './custom-provider.ts'
import { createDiscovery, type DiscoveryDocument, type IssuerPlace } from './discovery.ts'
import { createOAuth2Provider, type EngineTools, missingSetting, type SignInProvider } from './engine.ts'
import { type IdTokenRules, verifyIdToken } from './id-token.ts'
import type { Credentials } from './oauth2-client.ts'
import type { ProviderSettings } from './provider.ts'
import { type Answer, type Json, readAnswer } from './read-answer.ts'
import { oauth1Provider, providers as registry } from './registry.ts'
import { type Call, guardedCall, plainCall } from './safe-fetch.ts'
import { createTwitter } from './twitter.ts'

/** What a server is configured with. */
export interface ProviderOptions {
  config: Config
  fetch: typeof globalThis.fetch
  /** By which private addresses that others chose are called, where that is allowed; `fetch` by default. */
  fetch_chosen?: typeof globalThis.fetch
  now: () => number
  random: (size: number) => Buffer
  /** How addresses of administrators' providers are called; only public ones by default. */
  call?: Call
}

/** A document of ours, such as a SOAP envelope or a form. */
export interface SentDocument {
  type: string
  body: string
  soap_action?: string
}

/** One a server; it keeps documents and keys of issuers. */
export interface Providers {
  /** Ends calls to providers in time for an answer of our own: 10 s at most, milliseconds. */
  budget_ms: number
  /** Why a provider of the registry cannot be used; null when it can. */
  problem(name: ProviderName): string | null
  /** A provider of the registry, whether it is enabled or not. */
  builtIn(name: ProviderName): SignInProvider
  custom(settings: CustomProviderSettings): SignInProvider
  /**
   * The discovery document of an administrator's provider as it is now.
   * @throws DiscoveryError
   */
  discover(place: IssuerPlace): Promise<DiscoveryDocument>
  /** A document of somebody's choice, such as SAML metadata, of so many bytes at most; redirects are not followed. */
  fetchDocument(address: string, most?: number): Promise<Answer>
  /** Sends a document to such an address, and gives the answer. */
  sendDocument(address: string, document: SentDocument): Promise<Answer>
  /**
   * The keys at an address of somebody's choice; `again` asks for newer ones than those that are kept, at most once an interval.
   * @throws DiscoveryError
   */
  keysAt(address: string, again: boolean): Promise<JSONWebKeySet>
  /**
   * The claims of an ID token; `by` says whose addresses the issuer's are.
   * @throws IdTokenError, DiscoveryError
   */
  verifyIdToken(token: string, rules: IdTokenRules, by: 'configuration' | 'administrator'): Promise<Json>
}

const most_ms = 10_000
/** What is left of a request's time for the rest of it, in milliseconds. */
const rest_ms = 1500

/** Wires the providers of a server. */
export function createProviders(options: ProviderOptions): Providers {
  const { config, now, random, fetch_chosen = options.fetch } = options
  const ttl_ms = config.external_oidc_provider_cache_ttl
  const toolsFor = (call: Call): EngineTools => {
    const worked = new Map<string, Credentials>()
    return { call, now, random, worked, discovery: createDiscovery({ call, ttl_ms, now }) }
  }
  const own = toolsFor(plainCall(options.fetch))
  const added = toolsFor(options.call ?? (config.allow_private_providers ? plainCall(fetch_chosen) : guardedCall()))
  const settingsOf = (name: ProviderName): ProviderSettings => {
    const settings = config.external[name]
    return { ...settings, redirect_uri: settings.redirect_uri || callbackAddress(config) }
  }
  const limit = config.api_max_request_duration
  const budget_ms = limit > 0 ? Math.min(most_ms, Math.max(limit - rest_ms, limit / 2)) : most_ms
  return {
    budget_ms,
    problem: (name) => missingSetting(settingsOf(name), name === oauth1Provider ? undefined : registry[name]),
    builtIn: (name) =>
      name === oauth1Provider
        ? createTwitter(settingsOf(name), own)
        : createOAuth2Provider(registry[name], settingsOf(name), own),
    custom: (settings) => createCustomProvider(settings, added),
    discover: (place) =>
      createDiscovery({ call: added.call, ttl_ms: 0, now }).document(place, AbortSignal.timeout(budget_ms)),
    async fetchDocument(address, most) {
      const signal = AbortSignal.timeout(budget_ms)
      return readAnswer(await added.call(address, { method: 'GET', headers: { accept: '*/*' }, signal }), most)
    },
    keysAt: (address, again) => added.discovery.keys(address, AbortSignal.timeout(budget_ms), again),
    async sendDocument(address, { type, body, soap_action }) {
      const signal = AbortSignal.timeout(budget_ms)
      const headers = {
        'content-type': type,
        ...(soap_action !== undefined && { soapaction: `"${soap_action}"` }),
      }
      return readAnswer(await added.call(address, { method: 'POST', headers, body, signal }))
    },
    verifyIdToken: (token, rules, by) =>
      verifyIdToken(token, rules, {
        ...(by === 'administrator' ? added : own),
        signal: AbortSignal.timeout(budget_ms),
      }),
  }
}
