// The issuer that an ID token of a request must be of, and for whom it may be.
import type { ProviderName } from '../../../config/keys.ts'
import type { Ctx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import { unverifiedClaims } from '../../../providers/id-token.ts'
import { isGoogle, isTenantOfMicrosoft, pinnedTenant } from '../../../providers/openid-providers.ts'
import type { CustomProvider } from '../../../storage/custom-providers.ts'
import { findCustomByName, isCustomName } from './resolve-provider.ts'

/** What a request names. */
export interface IssuerQuestion {
  provider: string
  issuer: string
  client_id: string
  id_token: string
}

/** An issuer that may sign people in. */
export interface ExpectedIssuer {
  /** Name of the provider as the identity keeps it. */
  provider: string
  issuer: string
  accepts_issuer?: (iss: string) => boolean
  /** Whether the discovery document may name another issuer (Apple's does). */
  any_issuer?: boolean
  /** The clients that a token may be for: from the configuration alone (security IDP-03). */
  audiences: readonly string[]
  skips_nonce: boolean
  email_optional: boolean
  /** Whether addresses of the issuer's tenant are its own people's. */
  pinned_tenant?: boolean
  custom?: CustomProvider
}

const appleIssuers = ['https://appleid.apple.com', 'https://account.apple.com']

/** Providers that are one issuer, which the request may name instead. */
const fixedIssuers: readonly [provider: ProviderName, issuer: string][] = [
  ['google', 'https://accounts.google.com'],
  ['facebook', 'https://www.facebook.com'],
  ['kakao', 'https://kauth.kakao.com'],
  ['vercel_marketplace', 'https://marketplace.vercel.com'],
  ['snapchat', 'https://accounts.snapchat.com/accounts/oauth2/token'],
]

/**
 * The issuer of a request.
 * @throws AuthError 400 validation_failed or provider_disabled
 */
export async function expectedIssuer(ctx: Ctx, asked: IssuerQuestion): Promise<ExpectedIssuer> {
  const { provider, issuer } = asked
  if (provider === 'apple' || appleIssuers.includes(issuer)) return appleIssuer(ctx, asked)
  if (provider === 'azure' || isTenantOfMicrosoft(issuer)) return azureIssuer(ctx, asked)
  const keycloak = ctx.config.external.keycloak.url
  const known = fixedIssuers.find(([name, own]) => provider === name || issuer === own)
  if (known) {
    const [name, own] = known
    return ofProvider(ctx, name, own, {
      ...(name === 'google' && { accepts_issuer: isGoogle }),
      ...(name === 'facebook' && { skips_nonce: true }),
    })
  }
  if (provider === 'keycloak' || (keycloak !== '' && issuer === keycloak)) return ofProvider(ctx, 'keycloak', keycloak)
  if (isCustomName(provider)) return customIssuer(ctx, provider)
  return listedIssuer(ctx, asked)
}

function ofProvider(ctx: Ctx, name: ProviderName, issuer: string, more: Partial<ExpectedIssuer> = {}): ExpectedIssuer {
  const { enabled, client_id, skip_nonce_check, email_optional } = ctx.config.external[name]
  if (!enabled) throw new AuthError(400, 'provider_disabled', `Provider (issuer "${issuer}") is not enabled`)
  return { provider: name, issuer, audiences: client_id, skips_nonce: skip_nonce_check, email_optional, ...more }
}

/** The issuer that the token itself names, which must then be one of the provider's. */
function issuerOfToken({ id_token, issuer }: IssuerQuestion, title: string, isOwn: (iss: string) => boolean): string {
  const { iss } = unverifiedClaims(id_token)
  if (typeof iss !== 'string' || iss === '') throw invalid(`Unable to detect issuer in ID token for ${title} provider`)
  if (!isOwn(iss)) throw invalid(`Detected ID token issuer is not an ${title} ID token issuer`)
  if (issuer !== '' && issuer !== iss) throw invalid('Provided issuer does not match ID token issuer')
  return iss
}

function appleIssuer(ctx: Ctx, asked: IssuerQuestion): ExpectedIssuer {
  const issuer = issuerOfToken(asked, 'Apple', (iss) => appleIssuers.includes(iss))
  const bundle = ctx.config.external_ios_bundle_id
  const found = ofProvider(ctx, 'apple', issuer, { any_issuer: true })
  return bundle === '' ? found : { ...found, audiences: [...found.audiences, bundle] }
}

function azureIssuer(ctx: Ctx, asked: IssuerQuestion): ExpectedIssuer {
  const issuer = issuerOfToken(asked, 'Azure', isTenantOfMicrosoft)
  const pinned = pinnedTenant(ctx.config.external.azure.url)
  return ofProvider(ctx, 'azure', issuer, { pinned_tenant: pinned !== null && issuer === `${pinned}/v2.0` })
}

async function customIssuer(ctx: Ctx, name: string): Promise<ExpectedIssuer> {
  if (!ctx.config.custom_oauth_enabled) throw invalid('Custom OAuth providers are disabled')
  const row = await findCustomByName(ctx, name)
  if (!row) throw invalid(`Custom provider "${name}" not found`)
  if (!row.enabled) throw new AuthError(400, 'provider_disabled', `Custom provider "${name}" is disabled`)
  if (row.provider_type !== 'oidc') throw invalid(`Provider "${name}" is not an OIDC provider`)
  if (!row.issuer) throw invalid(`OIDC provider "${name}" missing issuer`)
  return {
    provider: row.identifier,
    issuer: row.issuer,
    audiences: [row.client_id, ...row.acceptable_client_ids],
    skips_nonce: row.skip_nonce_check,
    email_optional: row.email_optional,
    custom: row,
  }
}

/**
 * An issuer of GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS, whose clients stand behind it: `https://op|client|client`.
 * Without one no token of it is for us; on this machine alone the request may say for whom its token is.
 */
function listedIssuer(ctx: Ctx, { provider, issuer, client_id }: IssuerQuestion): ExpectedIssuer {
  const entries = ctx.config.external_allowed_id_token_issuers.map((entry) => entry.split('|'))
  const [found] = entries.filter(([listed]) => issuer !== '' && listed === issuer)
  if (!found) throw invalid(`Custom OIDC provider "${provider}" not allowed`)
  const audiences = found.slice(1).filter((client) => client === client_id)
  return {
    provider: issuer,
    issuer,
    audiences: found.length === 1 && isLoopback(issuer) ? [client_id] : audiences,
    skips_nonce: false,
    email_optional: false,
  }
}

const isLoopback = (address: string): boolean => /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(\/|$)/.test(address)
