// Who a client is: the address that limits count by, and the one that sessions and the audit log record.
import type { Config } from '../config/keys.ts'
import { addressKey, isWithin, type Network, normaliseAddress, normaliseEndpoint, parseNetwork } from './ip-address.ts'

/** Reads a header of the request; lines of one name joined by commas. */
type Header = (name: string) => string | undefined

/** The part of the configuration that says which headers count. */
export type AddressConfig = Pick<Config, 'rate_limit_header' | 'security_sb_forwarded_for_enabled' | 'trusted_proxies'>

/**
 * What a client's requests are counted by (security rule 3): the sb-forwarded-for address or the first part of the
 * configured header where the request carries one, else the trusted address; IPv6 by /64.
 * @param socket_address address of the socket's other end, `''` when unknown
 */
export function clientKey(header: Header, socket_address: string, config: AddressConfig): string {
  const forwarded = forwardedFor(header, config)
  if (forwarded !== null) return addressKey(forwarded)
  const given = config.rate_limit_header === '' ? '' : firstPart(header(config.rate_limit_header))
  if (given !== '') return keyOf(given)
  return keyOf(trustedAddress(header, socket_address, config.trusted_proxies))
}

/**
 * The address that is recorded. As in the reference the first address in X-Forwarded-For is believed from anyone, so it
 * must decide on nothing; once proxies are configured, only what they say is.
 * @param socket_address address of the socket's other end, `''` when unknown
 */
export function clientAddress(header: Header, socket_address: string, config: AddressConfig): string {
  const forwarded = forwardedFor(header, config)
  if (forwarded !== null) return forwarded
  if (trusts(config.trusted_proxies)) return trustedAddress(header, socket_address, config.trusted_proxies)
  for (const part of partsOf(header('x-forwarded-for'))) {
    const address = normaliseAddress(part)
    if (address !== null) return address
  }
  return normaliseAddress(socket_address) ?? socket_address
}

/**
 * The right-most address in X-Forwarded-For and the socket that is no proxy of ours.
 * @param proxies networks or addresses, or how many proxies stand before us, as one number
 */
export function trustedAddress(header: Header, socket_address: string, proxies: readonly string[]): string {
  const socket = normaliseEndpoint(socket_address) ?? socket_address
  if (!trusts(proxies)) return socket
  // Nearest first: each address was written by the one before it.
  const chain = [socket, ...partsOf(header('x-forwarded-for')).reverse()]
  const hops = hopsOf(proxies)
  const networks = proxies.flatMap((proxy) => parseNetwork(proxy) ?? [])
  let client = socket
  for (const [distance, part] of chain.entries()) {
    const address = distance === 0 ? socket : normaliseEndpoint(part)
    if (address === null) return client
    client = address
    const trusted = hops === null ? isTrusted(address, networks) : distance < hops
    if (!trusted) return client
  }
  return client
}

/** Whether a setting names proxies: networks, addresses or a number of hops; for the check at start. */
export const isProxySetting = (proxies: readonly string[]): boolean =>
  hopsOf(proxies) !== null || proxies.every((proxy) => parseNetwork(proxy) !== null)

const trusts = (proxies: readonly string[]): boolean => proxies.length > 0 && hopsOf(proxies) !== 0

function hopsOf(proxies: readonly string[]): number | null {
  const [only = ''] = proxies
  return proxies.length === 1 && /^\d{1,2}$/.test(only) ? Number(only) : null
}

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

const partsOf = (value: string | undefined): string[] => (value ?? '').split(',').flatMap((part) => part.trim() || [])
