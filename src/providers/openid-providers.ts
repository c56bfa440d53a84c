// Providers that prove a person by an ID token or a userinfo endpoint (OpenID Connect).
import { isTrue, oneEmail, standardClaims } from './claims.ts'
import { unverifiedClaims } from './id-token.ts'
import { addressOf, type Provider } from './provider.ts'
import { object, text } from './read-answer.ts'

export const google: Provider = {
  title: 'Google',
  email_proof: 'email_verified',
  scopes: ['email', 'profile'],
  issuer: 'https://accounts.google.com',
  async profile({ tokens, get, fromIdToken }) {
    const issuer = 'https://accounts.google.com'
    if (tokens.id_token !== '') return fromIdToken({ place: { issuer }, accepts_issuer: isGoogle })
    const iss = 'https://www.googleapis.com/userinfo/v2/me'
    const person = object(await get(iss))
    const { id, name, picture } = person
    return {
      emails: oneEmail(person.email, isTrue(person.verified_email)),
      claims: standardClaims(iss, { id, name, picture }),
    }
  },
}

/** Google writes its issuer with and without the scheme. */
export const isGoogle = (iss: string): boolean => /^(https:\/\/)?accounts\.google\.com$/.test(iss)

/** Claims of keycloak's userinfo that have a place of their own. */
const keycloakClaims = new Set(['sub', 'name', 'email', 'email_verified'])

export const keycloak: Provider = {
  title: 'Keycloak',
  email_proof: 'email_verified',
  scopes: ['profile', 'email'],
  authorize: ['', '/protocol/openid-connect/auth'],
  token: ['', '/protocol/openid-connect/token'],
  api: ['', ''],
  missing: ({ url }) => (url === '' ? 'unable to find URL for the Keycloak provider' : null),
  async profile({ api, settings, get }) {
    const person = object(await get(addressOf(['', '/protocol/openid-connect/userinfo'], settings)))
    const { sub, name, email, email_verified } = person
    const { picture: _, ...claims } = standardClaims(api, { id: sub, name })
    const others = Object.entries(person).filter(([claim]) => !keycloakClaims.has(claim))
    return {
      emails: oneEmail(email, isTrue(email_verified)),
      claims: { ...claims, custom_claims: Object.fromEntries(others) },
    }
  },
}

export const linkedin_oidc: Provider = {
  title: 'LinkedIn (OIDC)',
  email_proof: 'email_verified',
  scopes: ['openid', 'email', 'profile'],
  authorize: ['api.linkedin.com', '/oauth/v2/authorization'],
  token: ['api.linkedin.com', '/oauth/v2/accessToken'],
  profile: ({ fromIdToken }) => fromIdToken({ place: { issuer: 'https://www.linkedin.com/oauth' } }),
}

export const vercel_marketplace: Provider = {
  title: 'Vercel Marketplace',
  email_proof: null,
  scopes: [],
  authorize: ['api.vercel.com', '/oauth/v2/authorization'],
  token: ['api.vercel.com', '/oauth/v2/accessToken'],
  profile: ({ fromIdToken }) => fromIdToken({ place: { issuer: 'https://marketplace.vercel.com' } }),
}

/** A tenant of its own: `https://login.microsoftonline.com/<tenant>`, or one of CIAM. */
const tenant =
  /^https:\/\/(?:login\.microsoftonline\.com\/(?!common$|organizations$|consumers$)[^/]+|[^/]+\.ciamlogin\.com\/[^/]+)$/
/** Issuers of Microsoft's, whatever tenant. */
const anyTenant = /^https:\/\/(login\.microsoftonline\.com\/[^/?#]+\/v2\.0|sts\.windows\.net\/[^/?#]+)\/?$/

/** The tenant that a URL setting names; null for all tenants, or another host. */
export function pinnedTenant(url: string): string | null {
  const base = url.replace(/\/$/, '')
  return tenant.test(base) ? base : null
}

/** Whether an issuer is a tenant of Microsoft's, whichever. */
export const isTenantOfMicrosoft = (iss: string): boolean => anyTenant.test(iss)

export const azure: Provider = {
  title: 'Azure',
  email_proof: 'xms_edov, or a tenant of its own in the URL setting',
  scopes: ['openid'],
  authorize: ['login.microsoftonline.com/common', '/oauth2/v2.0/authorize'],
  token: ['login.microsoftonline.com/common', '/oauth2/v2.0/token'],
  async profile({ settings, tokens, fromIdToken }) {
    if (tokens.id_token === '') throw new Error('the answer has no ID token')
    const pinned = pinnedTenant(settings.url)
    if (pinned !== null) return fromIdToken({ place: { issuer: `${pinned}/v2.0` } }, { pinned_tenant: true })
    // Each tenant is an issuer of its own, with keys of its own. Another host than Microsoft's may be any issuer.
    const isMicrosofts = settings.url === '' || /^https:\/\/login\.microsoftonline\.com(\/|$)/.test(settings.url)
    const iss = text(unverifiedClaims(tokens.id_token).iss)
    if (isMicrosofts && !isTenantOfMicrosoft(iss)) throw new Error('the ID token is of another issuer')
    return fromIdToken({ place: { issuer: iss } })
  },
}
