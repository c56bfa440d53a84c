// Cookies of the pages: HttpOnly, SameSite=Lax, bound to this host over https (`__Host-`, RFC 6265bis §4.1.3.2).
import type { Config } from '../config/keys.ts'
import { pagesOrigin } from '../config/pages-address.ts'

/** The cookies of a request, and those that its answer sets. */
export interface Cookies {
  /** `''` without one. */
  read(name: string): string
  /** Sets a cookie for some seconds; `''` removes it. */
  set(name: string, value: string, max_age_s: number): void
  /** Values of Set-Cookie. */
  lines(): string[]
}

/** Reads the cookies of a request; `name` stands for `postern-name`, `''` for `postern`. */
export function createCookies(header: string | null, config: Config): Cookies {
  const isSecure = pagesOrigin(config).startsWith('https:')
  const fullName = (name: string) => `${isSecure ? '__Host-' : ''}postern${name === '' ? '' : `-${name}`}`
  const given = new Map<string, string>()
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0) given.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
  }
  const changed = new Map<string, string>()
  return {
    read: (name) => given.get(fullName(name)) ?? '',
    set(name, value, max_age_s) {
      given.set(fullName(name), value)
      const age = value === '' ? 0 : max_age_s
      const line = `${fullName(name)}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax`
      changed.set(name, isSecure ? `${line}; Secure` : line)
    },
    lines: () => [...changed.values()],
  }
}
