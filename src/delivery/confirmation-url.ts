// The link of a mail.
import type { Config, MailKind } from '../config/keys.ts'
import { mailKindData } from './mail-kinds.ts'

/**
 * Host and configured path with token, type and redirect_to; empty for kinds without a link. redirect_to is encoded only
 * where it would otherwise be read as something else: as further parameters, as in the reference, or decoded once too often.
 */
export function confirmationUrl(
  config: Pick<Config, 'mailer_urlpaths'>,
  kind: MailKind,
  about: { external_url: string; token_hash: string; redirect_to: string },
): string {
  const { link_type, path_of } = mailKindData[kind]
  if (link_type === null) return ''
  const base = resolve(about.external_url, config.mailer_urlpaths[path_of] || '/verify')
  const redirect = /[&=#%+]|[^\x20-\x7e]/.test(about.redirect_to) ? encodeFully(about.redirect_to) : about.redirect_to
  const [, address = base, fragment = ''] = /^([^#]*)(#.*)?$/s.exec(base) ?? []
  const join = address.includes('?') ? '&' : '?'
  return `${address}${join}token=${about.token_hash}&type=${link_type}&redirect_to=${redirect}${fragment}`
}

/** Percent-encoded but for letters, digits and `-_.~`; a space becomes a plus sign. */
const encodeFully = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** The default path stays below the path of the server's own address; a configured one replaces it. */
function resolve(external_url: string, path: string): string {
  if (path === '/verify') {
    const url = new URL(external_url)
    const prefix = url.pathname.replace(/\/+$/, '')
    return `${url.origin}${prefix}/verify`
  }
  return URL.canParse(path, external_url) ? new URL(path, external_url).href : `${external_url}${path}`
}
