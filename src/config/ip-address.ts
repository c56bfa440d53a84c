// Reads IP addresses and networks, and gives each address one spelling (RFC 5952).
import { isIPv4, isIPv6 } from 'node:net'

/** A network: its first address in one spelling, and how many leading bits count. */
export interface Network {
  groups: number[]
  bits: number
}

/** An address in its one spelling; IPv4 within IPv6 (`::ffff:a.b.c.d`) as IPv4; null for anything else. */
export function normaliseAddress(text: string): string | null {
  if (isIPv4(text)) return text
  if (!isIPv6(text)) return null
  // A zone names an interface of the machine that wrote it, not the client.
  const canonical = new URL(`http://[${text.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (!mapped) return canonical
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** As `normaliseAddress`, also with a port behind it, as some proxies write it. */
export function normaliseEndpoint(text: string): string | null {
  const [, bracketed, dotted] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text) ?? []
  return normaliseAddress(bracketed ?? dotted ?? text)
}

/** What limits count by: an IPv4 address, or the /64 that one customer of IPv6 has. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  return `${groupsOf(address)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address; null for anything else. */
export function parseNetwork(text: string): Network | null {
  const [base = '', length, ...rest] = text.split('/')
  const address = normaliseAddress(base)
  if (address === null || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null
  const size = address.includes(':') ? 128 : 32
  // A network written as IPv4 within IPv6 counts its bits from the start of the IPv6 address.
  const offset = base.includes(':') && size === 32 ? 96 : 0
  const bits = length === undefined ? size : Number(length) - offset
  return bits < 0 || bits > size ? null : { groups: groupsOf(address), bits }
}

/** Whether a normalised address lies in a network. */
export function isWithin(address: string, { groups, bits }: Network): boolean {
  const own = groupsOf(address)
  if (own.length !== groups.length) return false
  return own.every((group, index) => {
    const counted = Math.min(16, Math.max(0, bits - index * 16))
    const ignored = 16 - counted
    return group >> ignored === (groups[index] ?? 0) >> ignored
  })
}

/** The 16-bit groups of a normalised address: 8 of IPv6, 2 of IPv4. */
function groupsOf(address: string): number[] {
  if (!address.includes(':')) {
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  }
  const [head = '', tail = ''] = address.split('::')
  const [left, right] = [head, tail].map((part) =>
    part === '' ? [] : part.split(':').map((hex) => Number.parseInt(hex, 16)),
  )
  const known = [...(left ?? []), ...(right ?? [])].length
  return [...(left ?? []), ...Array<number>(8 - known).fill(0), ...(right ?? [])]
}
