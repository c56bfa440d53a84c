// Which addresses a flow may send a browser to: the site's own, and the globs of GOTRUE_URI_ALLOW_LIST.
import { domainToASCII } from 'node:url'
import type { Config } from '../../../config/keys.ts'
import { ownPagePath } from '../../../config/pages-address.ts'
import { readAddress } from '../../../read-address.ts'
import { compileGlob, type Glob } from './compile-glob.ts'

const isLoopbackName = (host: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]'].includes(host) || host.endsWith('.localhost')

/** Characters of an address at most; longer ones no browser and no mail program would carry everywhere. */
const maxRedirectLength = 2048

/** Whether a redirect may lead to an address; what is checked is exactly the text that is used. */
export function isAllowedRedirect(address: string, site_url: string, allow_list: readonly string[]): boolean {
  if (address === '' || address.length > maxRedirectLength) return false
  const url = URL.canParse(address) ? new URL(address) : null
  // An address that a browser would read otherwise than it is written could slip past a glob.
  if (url === null || readAddress(address) === null || isRewritten(url, address)) return false
  if (url.username !== '' || url.password !== '' || /[\s\\]/.test(address) || hasControl(address)) return false
  if (isOfSite(url, site_url)) return true
  const host = url.hostname
  if (/^\d+$/.test(rawHost(address))) return false
  const isAddress = host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
  if (isAddress) return host === '[::1]' || host.startsWith('127.')
  const text = withAsciiHost(address.split('#')[0] ?? '')
  if (isWeb(url) && !/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(rawHost(text))) return false
  return globsOf(allow_list).some((matches) => matches(text))
}

/** Whether a flow may send a browser back to an address: what the allow-list lets, and pages of this server. */
export const isAllowedReturn = (address: string, config: Config): boolean =>
  ownPagePath(config, address) !== null || isAllowedRedirect(address, config.site_url, config.uri_allow_list)

function isOfSite(url: URL, site_url: string): boolean {
  if (!URL.canParse(site_url)) return false
  const site = new URL(site_url)
  // An application on a phone may have a scheme alone, as in myapp://, which is all of its site.
  if (url.protocol !== site.protocol || url.hostname !== site.hostname || (isWeb(url) && url.hostname === ''))
    return false
  return url.port === site.port || isLoopbackName(url.hostname)
}

const isWeb = (url: URL): boolean => url.protocol === 'http:' || url.protocol === 'https:'

/** Whether a browser makes another host of what is written: of `https:host`, or of numbers such as `0x7f000001`. */
const isRewritten = (url: URL, address: string): boolean =>
  isWeb(url) &&
  (!/^https?:\/\/[^/]/i.test(address) || (/^[\d.]+$/.test(url.hostname) && rawHost(address) !== url.hostname))

/** The host as it is written, before a parser rewrites numbers to addresses. */
const rawHost = (address: string): string => /^[a-z][a-z0-9+.-]*:\/\/([^/?#:]*)/i.exec(address)?.[1] ?? ''

/** Labels of a host in other letters than ASCII's, as redirects write them (RFC 3490); what is none stays as it is. */
const withAsciiHost = (address: string): string =>
  address.replace(/^(https?:\/\/)([^/?#:]*)/i, (whole, scheme: string, host: string) =>
    /[^\x00-\x7f]/.test(host)
      ? `${scheme}${host.replace(/[^.{},*?[\]!\\\x00-\x2c]*[^\x00-\x7f][^.{},*?[\]!\\\x00-\x2c]*/g, asciiLabel)}`
      : whole,
  )

const asciiLabel = (label: string): string => domainToASCII(label) || label

const hasControl = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text)

const compiled = new WeakMap<readonly string[], Glob[]>()

/** The globs of a list, read once for the process that is configured with it. */
function globsOf(allow_list: readonly string[]): Glob[] {
  const known = compiled.get(allow_list)
  if (known) return known
  const globs = allow_list.map((glob) => compileGlob(withAsciiHost(glob)))
  compiled.set(allow_list, globs)
  return globs
}
