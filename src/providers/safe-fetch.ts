// HTTP calls to addresses that an administrator wrote down: private networks are refused at the moment of connecting.
import { lookup as systemLookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { networkKind } from './network-kind.ts'

/** What a call sends; redirects are never followed. */
export interface CallInit {
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  signal: AbortSignal
}

/** Makes a call and gives the answer as it comes. */
export type Call = (address: string, init: CallInit) => Promise<Response>

/** Calls by fetch, for addresses that the configuration of the server names. */
export const plainCall =
  (fetch: typeof globalThis.fetch): Call =>
  (address, init) =>
    fetch(address, { ...init, redirect: 'manual' })

/**
 * Calls that only reach public addresses. The names are resolved once, and the addresses that were checked are those
 * that are connected to, so that a name which changes its mind in between gains nothing (DNS rebinding).
 */
export function guardedCall(lookup: LookupFunction = systemLookup as LookupFunction): Call {
  const checkedLookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }]
      const [first] = addresses
      const refused = addresses.some(({ address }) => networkKind(address) !== null)
      if (refused || !first) return callback(new Error(`${hostname} has no public address`), [])
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }
  return (address, init) => connect(address, init, checkedLookup)
}

async function connect(address: string, init: CallInit, lookup: LookupFunction): Promise<Response> {
  const url = new URL(address)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // A literal address is connected to without a lookup.
  if (isIP(host) !== 0 && networkKind(host) !== null) throw new Error(`${host} is no public address`)
  const { method, headers, body, signal } = init
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    send(url, { method, headers: { ...headers, ...length }, signal, lookup, agent: false }, resolve)
      .once('error', reject)
      .end(body)
  })
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 599) throw new Error(`the answer has status ${status}`)
  const content_type = answer.headers['content-type']
  const hasBody = status !== 204 && status !== 205 && status !== 304
  if (!hasBody) answer.resume()
  return new Response(hasBody ? (Readable.toWeb(answer) as ReadableStream) : null, {
    status,
    headers: content_type === undefined ? {} : { 'content-type': content_type },
  })
}
