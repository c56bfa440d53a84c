// Who asks authenticators (WebAuthn §5.4.2): the configured domain and pages, else those of the application.
import type { Config } from './keys.ts'
import { pagesOrigin } from './pages-address.ts'

/** The relying party of passkeys and security keys. */
export interface RelyingParty {
  /** A domain. */
  id: string
  name: string
  /** Origins whose pages may ask, as browsers write them. */
  origins: string[]
}

/** The relying party of a configuration. */
export function relyingParty(config: Config): RelyingParty {
  const { site_url, webauthn_rp_id, webauthn_rp_display_name, webauthn_rp_origins } = config
  const id = webauthn_rp_id || new URL(site_url).hostname
  const origins = (webauthn_rp_origins.length > 0 ? webauthn_rp_origins : [site_url]).map(originOf)
  const own = mayPagesAsk(config, id) ? [pagesOrigin(config)] : []
  return { id, name: webauthn_rp_display_name || id, origins: [...new Set([...origins, ...own])] }
}

/** Whether browsers let the pages of this server ask authenticators of a domain (WebAuthn §5.1.2). */
export function mayPagesAsk(config: Config, id = relyingParty(config).id): boolean {
  if (!config.pages) return false
  const { hostname } = new URL(pagesOrigin(config))
  return hostname === id || hostname.endsWith(`.${id}`)
}

/** An origin as browsers write it; those of apps (`android:apk-key-hash:…`) stay as they are. */
const originOf = (text: string): string => (/^https?:/i.test(text) && URL.canParse(text) ? new URL(text).origin : text)
