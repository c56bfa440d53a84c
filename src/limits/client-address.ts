// Who a client is: the address that limits count by, and the one that sessions and the audit log record.

import {
  addressKey,
  isWithin,
  type Network,
  normaliseAddress,
  normaliseEndpoint,
  parseNetwork,
} from '../config/ip-address.ts'
import type { Config } from '../config/keys.ts'
import { trustedProxies } from '../config/trusted-proxies.ts'

/** Reads a header of the request; lines of one name joined by commas. */
type Header = (name: string) => string | undefined

/** The part of the configuration that says which headers count. */
export type AddressConfig = Pick<Config, 'rate_limit_header' | 'security_sb_forwarded_for_enabled' | 'trusted_proxies'>

/** What the requests of a client are counted by. */
export interface Client {
  key: string
  /** The proxy whose word alone says who it is, since nobody configured any: its clients share a limit beside their own. */
  proxy: string | null
}

/**
 * Who a client is to the limits (security rule 3): the sb-forwarded-for address or what the configured header says where
 * the request carries one, else the trusted address; IPv6 by /64. Without configuration peers in private networks count as
 * proxies.
 * @param socket_address address of the socket's other end, `''` when unknown
 */
export function clientOf(header: Header, socket_address: string, config: AddressConfig): Client {
  const configured = (key: string): Client => ({ key, proxy: null })
  const forwarded = forwardedFor(header, config)
  if (forwarded !== null) return configured(addressKey(forwarded))
  const { trusted_proxies: proxies, rate_limit_header } = config
  const given = rate_limit_header === '' ? '' : (header(rate_limit_header) ?? '')
  // Whoever sends this header can write what they like on its left (REV-22).
  if (rate_limit_header.toLowerCase() === 'x-forwarded-for' && !trusts(proxies)) {
    const last = lastForwarded(given, isOff(proxies) ? [] : privateNetworks)
    if (last !== null) return configured(addressKey(last))
  } else if (rate_limit_header.toLowerCase() !== 'x-forwarded-for' && firstPart(given) !== '')
    return configured(keyOf(firstPart(given)))
  const socket = normaliseEndpoint(socket_address) ?? socket_address
  if (trusts(proxies) || isOff(proxies)) return configured(keyOf(trustedAddress(header, socket_address, proxies)))
  const last = isTrusted(socket, privateNetworks) ? lastForwarded(header('x-forwarded-for'), privateNetworks) : null
  return last === null ? configured(keyOf(socket)) : { key: addressKey(last), proxy: socket }
}

/** The right-most address of the header that lies in none of the networks, else the right-most; null without one. */
function lastForwarded(value: string | undefined, networks: readonly Network[]): string | null {
  const addresses: string[] = []
  for (const part of partsOf(value).reverse()) {
    const address = normaliseEndpoint(part)
    // Nothing is believed beyond what no proxy can have written.
    if (address === null) break
    if (!isTrusted(address, networks)) return address
    addresses.push(address)
  }
  return addresses[0] ?? null
}

/** Private, shared, loopback and link-local networks (RFC 1918, 6598, 4193, 3927, 4291): no stranger connects from there. */
const privateNetworks = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['::1', 'fc00::/7', 'fe80::/10'],
].flatMap((network) => parseNetwork(network) ?? [])

/**
 * The address that is recorded. As in the reference the first address in X-Forwarded-For is believed from anyone, so it
 * must decide on nothing; once proxies are configured, only what they say is.
 * @param socket_address address of the socket's other end, `''` when unknown
 */
export function clientAddress(header: Header, socket_address: string, config: AddressConfig): string {
  const forwarded = forwardedFor(header, config)
  if (forwarded !== null) return forwarded
  if (trusts(config.trusted_proxies)) return trustedAddress(header, socket_address, config.trusted_proxies)
  for (const part of (header('x-forwarded-for') ?? '').slice(0, longest).split(',')) {
    const address = normaliseAddress(part.trim())
    if (address !== null) return address
  }
  return normaliseAddress(socket_address) ?? socket_address
}

/**
 * The right-most address in X-Forwarded-For and the socket that is no proxy of ours.
 * @param proxies networks or addresses, or how many proxies stand before us, as one number
 */
function trustedAddress(header: Header, socket_address: string, proxies: readonly string[]): string {
  const socket = normaliseEndpoint(socket_address) ?? socket_address
  const trusted = trustedProxies(proxies)
  if (!trusts(proxies) || trusted === null) return socket
  // Nearest first: each address was written by the one before it.
  const chain = [socket, ...partsOf(header('x-forwarded-for')).reverse()]
  let client = socket
  for (const [distance, part] of chain.entries()) {
    const address = distance === 0 ? socket : normaliseEndpoint(part)
    if (address === null) return client
    client = address
    const isOurs = 'hops' in trusted ? distance < trusted.hops : isTrusted(address, trusted.networks)
    if (!isOurs) return client
  }
  return client
}

/** Whether the setting says that no proxy is ours. */
function isOff(proxies: readonly string[]): boolean {
  const read = trustedProxies(proxies)
  return read !== null && 'hops' in read && read.hops === 0
}

const trusts = (proxies: readonly string[]): boolean => proxies.length > 0 && !isOff(proxies)

const isTrusted = (address: string, networks: readonly Network[]): boolean =>
  networks.some((network) => isWithin(address, network))

function forwardedFor(header: Header, config: AddressConfig): string | null {
  if (!config.security_sb_forwarded_for_enabled) return null
  return normaliseAddress(firstPart(header('sb-forwarded-for')))
}

/** A key is an address in its one spelling, or whatever else a header says. */
function keyOf(text: string): string {
  const address = normaliseEndpoint(text)
  return address === null ? text : addressKey(address)
}

const firstPart = (value: string | undefined): string => (value ?? '').split(',', 1)[0]?.trim() ?? ''

/** Characters of a list that are looked at: forty addresses. Whoever sends more writes on the left, where nobody looks. */
const longest = 2048

/** The elements of a list of addresses, as far as they stand whole in its last letters. */
function partsOf(value: string | undefined): string[] {
  const end = (value ?? '').slice(-longest)
  const whole = end.length === longest ? end.slice(end.indexOf(',') + 1) : end
  return whole.split(',').flatMap((part) => part.trim() || [])
}
