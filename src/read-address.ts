// Takes an address apart as it is written (RFC 3986), where the parser of browsers mends and rewrites: whether an address can be
// one is told as the recorded server tells it.
import { isIPv6 } from 'node:net'

/** The parts of an address. */
export interface Address {
  /** In lower case; `''` for a relative address. */
  scheme: string
  /** Host and port, without a user; `''` where there is none. */
  host: string
  /** The host alone, without the brackets of IPv6. */
  hostname: string
  query: string
  fragment: string
}

const badEscape = /%(?![0-9a-f]{2})/i
const userForm = /^[\w\-.:~!$&'()*+,;=%@]*$/
/** Beyond ASCII any letter, escaped or not; within it no escapes (RFC 3986 §3.2.2). */
const hostForm = /^([\w\-.~!$&'()*+,;=:[\]<>"]|[^\x00-\x7f]|%[89a-f][0-9a-f]|%25)*$/i

/**
 * The parts of an address, or null for what cannot be one. As a request line carries it (RFC 9112 §3.2) it is absolute or a
 * path from the root, and `#` is a letter.
 */
export function readAddress(text: string, carrier: 'link' | 'request' = 'link'): Address | null {
  const isLink = carrier === 'link'
  const [, before = '', fragment = ''] = (isLink ? /^([^#]*)#?(.*)$/s : /^(.*)$/s).exec(text) ?? []
  const [, scheme = '', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):)?(.*)$/is.exec(before) ?? []
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(rest) ?? []
  if (/[\x00-\x1f\x7f]/.test(text) || before.startsWith(':') || badEscape.test(fragment)) return null
  const none = { scheme: scheme.toLowerCase(), host: '', hostname: '', query, fragment }
  if (!path.startsWith('/')) {
    // What follows a scheme without a slash is taken as it is; without a scheme a colon would make one.
    if (scheme !== '') return none
    if (!isLink) return text === '*' ? none : null
    return path.split('/')[0]?.includes(':') || badEscape.test(path) ? null : none
  }
  const [, authority, rooted = ''] = /^\/\/([^/]*)(.*)$/s.exec(path) ?? []
  const isPath = scheme === '' && (!isLink || path.startsWith('///'))
  if (authority === undefined || isPath) return badEscape.test(path) ? null : none
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const hostname = hostnameOf(host, none.scheme)
  if (hostname === null || badEscape.test(rooted)) return null
  const user = authority.slice(0, Math.max(at, 0))
  return userForm.test(user) && !badEscape.test(user) ? { ...none, host, hostname } : null
}

/** The host without its port; null where either is malformed. */
function hostnameOf(host: string, scheme: string): string | null {
  if (!hostForm.test(host)) return null
  if (host.includes('[')) {
    const [, address = ''] = /^\[(.*)\](?::\d*)?$/.exec(host) ?? []
    return isIPv6(address.replace(/%25.*$/, '')) ? address : null
  }
  const isWeb = scheme === 'http' || scheme === 'https'
  const [, name, port] = (isWeb ? /^([^:]*)(:.*)?$/ : /^(.*?)(:[^:]*)?$/).exec(host) ?? []
  return port === undefined || /^:\d*$/.test(port) ? (name ?? '') : null
}
