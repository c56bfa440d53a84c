// What pages lack without which something on them fails.
import type { Config } from './keys.ts'
import { pagesOrigin } from './pages-address.ts'
import { mayPagesAsk, relyingParty } from './relying-party.ts'

const widgets = ['hcaptcha', 'turnstile', 'recaptcha']

/** Sentences on them, each with the variable that would help. */
export function warnOfPages(config: Config): string[] {
  if (!config.pages || !URL.canParse(config.pages_url || config.api_external_url)) return []
  const warnings: string[] = []
  const { hostname, protocol } = new URL(pagesOrigin(config))
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[::1\]$)/.test(hostname)
  if (protocol === 'http:' && !isLocal)
    warnings.push('POSTERN_PAGES is on at an address without https: whoever listens on the way can sign in as anybody')
  if (config.security_captcha_enabled && config.captcha_site_key === '')
    warnings.push('POSTERN_CAPTCHA_SITE_KEY is not set while captchas are asked for: nobody can sign in on the pages')
  else if (config.security_captcha_enabled && !widgets.includes(config.security_captcha_provider.toLowerCase()))
    warnings.push(`GOTRUE_SECURITY_CAPTCHA_PROVIDER is none of ${widgets.join(', ')}: the pages cannot show its widget`)
  if (config.passkey_enabled && !mayPagesAsk(config))
    warnings.push(
      `POSTERN_PAGES_URL is no page of ${relyingParty(config).id}, to which passkeys belong: the pages do not offer them; see GOTRUE_WEBAUTHN_RP_ID`,
    )
  return warnings
}
