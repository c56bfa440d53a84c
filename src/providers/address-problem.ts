// Whether an address that an administrator wrote down may be called: https, and not in a private network.
import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { readAddress } from '../read-address.ts'
import { type NetworkKind, networkKind } from './network-kind.ts'

/** Finds the addresses of a name. */
export type Resolve = (hostname: string) => Promise<string[]>

const resolveBySystem: Resolve = async (hostname) =>
  (await systemLookup(hostname, { all: true })).map(({ address }) => address)

const ownHost = /^(localhost|.*\.localhost|127\.0\.0\.1|::1|::|0\.0\.0\.0)$/

const plural: Record<NetworkKind, string> = {
  loopback: 'loopback addresses',
  'private network': 'private network addresses',
  'link-local': 'link-local addresses',
  multicast: 'multicast addresses',
  unspecified: 'unspecified addresses',
}

/**
 * What is wrong with an address; null for nothing. Names are resolved here only for an early answer: what counts is
 * checked again whenever somebody connects.
 */
export async function addressProblem(
  address: string,
  allow_private: boolean,
  resolve: Resolve = resolveBySystem,
): Promise<string | null> {
  const parts = readAddress(address)
  if (parts === null) return 'Invalid URL format'
  if (parts.scheme !== 'https') return 'URL must use HTTPS'
  if (parts.hostname === '') return 'URL must have a valid hostname'
  if (!URL.canParse(address)) return 'Invalid URL format'
  const url = new URL(address)
  // Credentials within an address would be shown wherever the address is.
  if (url.username !== '' || url.password !== '') return 'Invalid URL format'
  if (allow_private) return null
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  if (ownHost.test(host)) return 'URL cannot point to localhost or loopback addresses'
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host).catch(() => [])
  if (addresses.length === 0) return 'Unable to resolve hostname'
  const kinds = addresses.map(networkKind)
  const kind = kinds.find((found) => found !== null)
  return kind ? `URL cannot resolve to ${plural[kind]}` : null
}
