// The headers of every page: what it may load, who may frame it, and that nobody keeps it.
import type { Config } from '../config/keys.ts'
import type { PageView } from './page.ts'

const captchaSources: Record<string, { script: string; frame: string; style?: string; connect?: string }> = {
  hcaptcha: {
    script: 'https://hcaptcha.com https://*.hcaptcha.com',
    frame: 'https://hcaptcha.com https://*.hcaptcha.com',
    style: 'https://hcaptcha.com https://*.hcaptcha.com',
    connect: 'https://hcaptcha.com https://*.hcaptcha.com',
  },
  turnstile: { script: 'https://challenges.cloudflare.com', frame: 'https://challenges.cloudflare.com' },
  recaptcha: {
    script: 'https://www.google.com/recaptcha/ https://www.gstatic.com/recaptcha/',
    frame: 'https://www.google.com/recaptcha/ https://recaptcha.google.com/recaptcha/',
  },
}

/** Headers of all answers of pages. `same-origin` and not `no-referrer`, with which browsers send `Origin: null`. */
export const commonPageHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
}

/** The policy of a page (Content Security Policy Level 3): nothing inline, no third party but a configured captcha. */
export function contentPolicy(
  config: Config,
  { form_targets = [], captcha = false, frames = false }: Partial<PageView>,
): string {
  const widget = captcha ? captchaSources[config.security_captcha_provider.toLowerCase()] : undefined
  const directives: Record<string, (string | undefined)[]> = {
    'default-src': ["'none'"],
    'script-src': ["'self'", widget?.script],
    'style-src': ["'self'", widget?.style],
    'img-src': ["'self'", 'data:', originOf(config.pages_logo_url)],
    'connect-src': ["'self'", widget?.connect],
    'frame-src': [frames ? "'self'" : (widget?.frame ?? "'none'")],
    'form-action': ["'self'", ...form_targets.map(originOf)],
    'frame-ancestors': ["'none'"],
    'base-uri': ["'none'"],
  }
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...new Set(sources.filter((source) => source))].join(' '))
    .join('; ')
}

/** What a policy calls the place of an address: its origin, or the scheme alone where that has none. */
function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { origin, protocol } = new URL(address)
  return /^https?:$/.test(protocol) ? origin : protocol
}
