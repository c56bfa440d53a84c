// Every provider by its name: a record here is a provider in the configuration, the routes and the tests.
import { type ProviderName, providerNames } from '../config/families.ts'
import { apple } from './apple-provider.ts'
import { azure, google, keycloak, linkedin_oidc, vercel_marketplace } from './openid-providers.ts'
import type { Provider } from './provider.ts'
import { discord, facebook, kakao, snapchat, spotify, twitch, x } from './social-providers.ts'
import {
  bitbucket,
  figma,
  fly,
  github,
  gitlab,
  linkedin,
  notion,
  slack,
  slack_oidc,
  workos,
  zoom,
} from './work-providers.ts'

/** The provider of OAuth 1.0a, which has a file of its own. */
export const oauth1Provider = 'twitter'

/** The providers of OAuth 2.0. */
export const providers: Readonly<Record<Exclude<ProviderName, typeof oauth1Provider>, Provider>> = {
  apple,
  azure,
  bitbucket,
  discord,
  facebook,
  figma,
  fly,
  github,
  gitlab,
  google,
  kakao,
  keycloak,
  linkedin,
  linkedin_oidc,
  notion,
  slack,
  slack_oidc,
  snapchat,
  spotify,
  twitch,
  vercel_marketplace,
  workos,
  x,
  zoom,
}

/** The name of a provider, in whatever case it is written; null for no provider. */
export function providerName(name: string): ProviderName | null {
  const lower = name.toLowerCase()
  return providerNames.find((known) => known === lower) ?? null
}
