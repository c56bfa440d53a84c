// What passkeys and security keys need: a domain, and pages of it that browsers let ask (WebAuthn §5.1.2).
import { isIP } from 'node:net'
import type { Config } from './keys.ts'
import { relyingParty } from './relying-party.ts'

const isAsked = (config: Config): boolean =>
  config.passkey_enabled || config.mfa_web_authn_enroll_enabled || config.mfa_web_authn_verify_enabled

/** Sentences on what makes it impossible to ask an authenticator. */
export function checkWebAuthn(config: Config): string[] {
  if (!isAsked(config) || !URL.canParse(config.site_url)) return []
  const problems: string[] = []
  const { webauthn_rp_id, webauthn_rp_origins } = config
  if (webauthn_rp_id === '' && new URL(config.site_url).hostname === '')
    problems.push('GOTRUE_WEBAUTHN_RP_ID is required where GOTRUE_SITE_URL has no host')
  if (webauthn_rp_id !== '' && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(webauthn_rp_id))
    problems.push('GOTRUE_WEBAUTHN_RP_ID must be a domain in lower case such as example.com, without scheme and port')
  for (const origin of webauthn_rp_origins)
    if (!isWebOrigin(origin) && !/^(android|ios):\S+$/.test(origin))
      problems.push('GOTRUE_WEBAUTHN_RP_ORIGINS must be origins such as https://app.example.com, with commas between')
  if (config.webauthn_challenge_expiry_duration <= 0)
    problems.push('GOTRUE_WEBAUTHN_CHALLENGE_EXPIRY_DURATION must be longer than nothing')
  return problems
}

const isWebOrigin = (text: string): boolean => /^https?:\/\/[^/?#@\s]+\/?$/i.test(text) && URL.canParse(text)

/** Sentences on pages that browsers will not let ask. */
export function warnOfWebAuthn(config: Config): string[] {
  if (!isAsked(config)) return []
  const { id, origins } = relyingParty(config)
  const warnings: string[] = []
  if (isIP(id.replace(/^\[|\]$/g, '')) !== 0)
    warnings.push(
      `passkeys and security keys belong to ${id}, but browsers only accept a domain: set GOTRUE_WEBAUTHN_RP_ID`,
    )
  for (const origin of origins.filter(isWebOrigin)) {
    const { hostname, protocol } = new URL(origin)
    if (hostname !== id && !hostname.endsWith(`.${id}`))
      warnings.push(
        `${origin} is not a page of ${id}: browsers use its passkeys there only if https://${id}/.well-known/webauthn allows it`,
      )
    if (protocol === 'http:' && hostname !== 'localhost' && !hostname.endsWith('.localhost'))
      warnings.push(`browsers use no passkeys and security keys on ${origin}, which is not https`)
  }
  return warnings
}
