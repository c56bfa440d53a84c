// The calls of an OAuth 2.0 client: the way to a provider, and its token endpoint (RFC 6749 §4.1, §6).
import { createHash } from 'node:crypto'
import type { ProviderTokens } from './provider.ts'
import { type Answer, type Json, object, parseJson, readAnswer, text } from './read-answer.ts'
import type { Call } from './safe-fetch.ts'

/** How a client names itself at a token endpoint (RFC 6749 §2.3.1). */
export type Credentials = 'basic' | 'form'

/** A client at a token endpoint. */
export interface TokenClient {
  token_url: string
  client_id: string
  secret: string
  /** The way that is known to work; without it Basic is tried first. */
  credentials?: Credentials
}

/** What token calls need beside a client; the map keeps which way worked, by address and client. */
export interface TokenTools {
  call: Call
  worked: Map<string, Credentials>
}

/** A provider refused a token call. */
export class TokenRefused extends Error {
  /** `error` of the answer (RFC 6749 §5.2); `''` without one. */
  readonly reason: string

  constructor(status: number, reason: string) {
    super(`the token endpoint answered ${status}${reason === '' ? '' : ` ${reason}`}`)
    this.name = 'TokenRefused'
    this.reason = reason
  }
}

/** An address with parameters added to those it has, sorted by name. */
export function withParameters(address: string, parameters: Record<string, string>): string {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  url.searchParams.sort()
  return url.href
}

/** The S256 challenge of a verifier (RFC 7636 §4.2). */
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

/**
 * Asks a token endpoint.
 * @throws TokenRefused, or Error when there is no answer that can be read
 */
export async function askForTokens(
  client: TokenClient,
  fields: Record<string, string>,
  tools: TokenTools,
  signal: AbortSignal,
): Promise<ProviderTokens> {
  const key = `${client.token_url} ${client.client_id}`
  const known = client.credentials ?? tools.worked.get(key)
  const ways: Credentials[] = known ? [known] : ['basic', 'form']
  let refused: unknown
  for (const way of ways) {
    const { url, init } = tokenRequest(client, fields, way)
    const answer = await readAnswer(await tools.call(url, { ...init, signal }))
    try {
      const tokens = readTokens(answer)
      tools.worked.set(key, way)
      return tokens
    } catch (error) {
      // The first refusal tells best what is wrong: a code that was refused once may count as used the second time.
      refused ??= error
    }
  }
  throw refused
}

/** Encoding of id and secret within Basic (RFC 6749 §2.3.1). */
const formEncode = (value: string): string => new URLSearchParams({ v: value }).toString().slice(2)

function tokenRequest({ token_url, client_id, secret }: TokenClient, fields: Record<string, string>, way: Credentials) {
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  const form = new URLSearchParams(fields)
  if (way === 'basic')
    headers.authorization = `Basic ${Buffer.from(`${formEncode(client_id)}:${formEncode(secret)}`).toString('base64')}`
  else {
    form.set('client_id', client_id)
    if (secret !== '') form.set('client_secret', secret)
  }
  return { url: token_url, init: { method: 'POST' as const, headers, body: form.toString() } }
}

/** The fields of an answer: a form where its type says so, else JSON. */
function fieldsOf({ type, text: body }: Answer): Json {
  if (type === 'application/x-www-form-urlencoded' || type === 'text/plain')
    return Object.fromEntries(new URLSearchParams(body))
  return object(parseJson(body))
}

function readTokens(answer: Answer): ProviderTokens {
  const isGood = answer.status >= 200 && answer.status <= 299
  let fields: Json = {}
  try {
    fields = fieldsOf(answer)
  } catch (error) {
    if (isGood) throw error
  }
  const access_token = text(fields.access_token)
  if (!isGood || access_token === '') throw new TokenRefused(answer.status, text(fields.error).slice(0, 100))
  const expires_in = Number(text(fields.expires_in))
  return {
    access_token,
    refresh_token: text(fields.refresh_token),
    expires_in: Number.isFinite(expires_in) && expires_in > 0 ? expires_in : null,
    id_token: text(fields.id_token),
    answer: fields,
  }
}
