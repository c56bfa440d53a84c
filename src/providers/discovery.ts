// Discovery documents and keys of OpenID providers, kept for a while (OpenID Connect Discovery 1.0 §4).
import type { JSONWebKeySet } from 'jose'
import { type Json, list, object, parseJson, readAnswer, text } from './read-answer.ts'
import type { Call } from './safe-fetch.ts'

/** Least time between two fetches of one address, in milliseconds: unknown keys and failures ask no oftener. */
const interval_ms = 30_000
/** The same after a failure. */
const failure_ms = 2000
/** Documents kept at most; the least recently fetched goes first. */
const maxKept = 200

/** What a discovery document says, as far as it is used. */
export interface DiscoveryDocument {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
  userinfo_endpoint: string
  jwks_uri: string
  algorithms: string[]
  /** What else it says that administrators are shown; what it does not say is not there. */
  supported: Record<string, string[]>
}

/** A document or key set could not be had. */
export class DiscoveryError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'DiscoveryError'
  }
}

/** Where an issuer's document is, and whether it may name another issuer (Apple's does). */
export interface IssuerPlace {
  issuer: string
  /** Address of the document; the well-known path below the issuer without it. */
  address?: string
  any_issuer?: boolean
}

/** Documents and keys of issuers; one fetch at a time for each address. */
export interface Discovery {
  /** @throws DiscoveryError */
  document(place: IssuerPlace, signal: AbortSignal): Promise<DiscoveryDocument>
  /**
   * The keys of an issuer; `again` asks for newer ones than those that are kept, at most once an interval.
   * @throws DiscoveryError
   */
  keys(jwks_uri: string, signal: AbortSignal, again?: boolean): Promise<JSONWebKeySet>
}

interface Kept {
  value: unknown
  fetched_at: number
  failed_at: number
  pending: Promise<unknown> | null
}

/** The address of an issuer's document. */
export const wellKnown = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

/** Keeps documents for `ttl_ms`; while a newer one cannot be had, the old one serves. */
export function createDiscovery(options: { call: Call; ttl_ms: number; now: () => number }): Discovery {
  const { call, ttl_ms, now } = options
  const kept = new Map<string, Kept>()

  const fetchJson = async (address: string, signal: AbortSignal): Promise<Json> => {
    const answer = await readAnswer(await call(address, { method: 'GET', headers: discoveryHeaders, signal }))
    if (answer.status !== 200) throw new Error(`${answer.status}`)
    return object(parseJson(answer.text))
  }

  const load = async (address: string, signal: AbortSignal, again: boolean): Promise<unknown> => {
    const entry = kept.get(address) ?? { value: undefined, fetched_at: -Infinity, failed_at: -Infinity, pending: null }
    const age = now() - entry.fetched_at
    if (entry.value !== undefined && age < (again ? interval_ms : ttl_ms)) return entry.value
    if (now() - entry.failed_at < failure_ms) {
      if (entry.value !== undefined) return entry.value
      throw new DiscoveryError('the address failed a moment ago')
    }
    entry.pending ??= fetchJson(address, signal).finally(() => {
      entry.pending = null
    })
    kept.delete(address)
    kept.set(address, entry)
    for (const oldest of kept.keys()) if (kept.size > maxKept) kept.delete(oldest)
    try {
      entry.value = await entry.pending
      entry.fetched_at = now()
    } catch (error) {
      entry.failed_at = now()
      if (entry.value === undefined) throw new DiscoveryError(describe(error), error)
    }
    return entry.value
  }

  return {
    async document(place, signal) {
      const address = place.address ?? wellKnown(place.issuer)
      return readDocument(object(await load(address, signal, false)), place)
    },
    async keys(jwks_uri, signal, again = false) {
      const { keys } = object(await load(jwks_uri, signal, again))
      return { keys: list(keys).map(object) as unknown as JSONWebKeySet['keys'] }
    },
  }
}

const discoveryHeaders = { accept: 'application/json', 'user-agent': 'Supabase-Auth/1.0' }

const describe = (error: unknown): string => (error instanceof Error ? error.message : 'the address cannot be read')

const shownLists = ['scopes', 'response_types', 'grant_types', 'subject_types'].map((name) => `${name}_supported`)

function readDocument(raw: Json, { issuer, any_issuer }: IssuerPlace): DiscoveryDocument {
  const document = {
    issuer: text(raw.issuer),
    authorization_endpoint: text(raw.authorization_endpoint),
    token_endpoint: text(raw.token_endpoint),
    userinfo_endpoint: text(raw.userinfo_endpoint),
    jwks_uri: text(raw.jwks_uri),
    algorithms: list(raw.id_token_signing_alg_values_supported).map(text),
    supported: Object.fromEntries(
      shownLists.flatMap((name) => {
        const values = list(raw[name]).map(text)
        return values.length > 0 ? [[name, values]] : []
      }),
    ),
  }
  // Otherwise whoever serves one document could speak for every issuer (OpenID Connect Discovery §4.3).
  if (!any_issuer && document.issuer !== issuer)
    throw new DiscoveryError(`oidc: issuer mismatch, expected "${issuer}" got "${document.issuer}"`)
  return document
}
