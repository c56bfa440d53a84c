// Which network an IP address belongs to, for addresses that a server must not be sent to by somebody's settings.
import { BlockList, isIP } from 'node:net'

/** A network that is not the public internet. */
export type NetworkKind = 'loopback' | 'private network' | 'link-local' | 'multicast' | 'unspecified'

/** Networks by kind (IANA special-purpose registries); the first that matches counts. */
const networks: readonly [kind: NetworkKind, ...ranges: string[]][] = [
  ['unspecified', '0.0.0.0/32', '::/128'],
  ['loopback', '127.0.0.0/8', '::1/128'],
  ['link-local', '169.254.0.0/16', '224.0.0.0/24', 'fe80::/10', 'ff02::/16'],
  ['multicast', '224.0.0.0/4', 'ff00::/8'],
  // Beside the private ranges: shared, benchmark and reserved ones, and IPv6 forms that carry an IPv4 address within.
  [
    'private network',
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.0.0.0/24', '192.168.0.0/16'],
    ...['198.18.0.0/15', '240.0.0.0/4', '::/96', 'fc00::/7', 'fec0::/10', '64:ff9b::/32', '2002::/16', '2001::/32'],
  ],
]

const lists = networks.map(([kind, ...ranges]) => {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), isIP(network) === 4 ? 'ipv4' : 'ipv6')
  }
  return { kind, list }
})

/** The kind of an address, IPv4 within IPv6 included (RFC 4291 §2.5.5); null for a public one. */
export function networkKind(address: string): NetworkKind | null {
  const family = isIP(address)
  if (family === 0) return 'private network'
  const found = lists.find(({ list }) => list.check(address, family === 4 ? 'ipv4' : 'ipv6'))
  return found?.kind ?? null
}
