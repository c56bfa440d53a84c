// What an administrator's provider must hold, and its addresses.

import type { Ctx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import { addressProblem } from '../../../providers/address-problem.ts'
import { DiscoveryError, wellKnown } from '../../../providers/discovery.ts'
import { reservedParameters } from '../../../providers/reserved-parameters.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import { reservedIdentifier } from '../../steps/external/pages-provider.ts'
import { identifierForm } from '../../steps/external/resolve-provider.ts'

/** @throws AuthError 404 feature_disabled */
export function requireCustomProviders({ config }: Ctx): void {
  if (!config.custom_oauth_enabled) throw new AuthError(404, 'feature_disabled', 'Custom OAuth providers are disabled')
}

/**
 * Refuses a path that names no administrator's provider.
 * @throws AuthError 404 feature_disabled; 400 validation_failed
 */
export function requireCustomIdentifier(ctx: Ctx): void {
  requireCustomProviders(ctx)
  const { identifier = '' } = ctx.path_params
  if (identifier === '') throw invalid('identifier is required')
  requirePrefix(identifier)
}

/** 404 for an identifier of no provider. */
export const noSuchProvider = (): AuthError =>
  new AuthError(404, 'custom_provider_not_found', 'Custom OAuth provider not found')

/** The identifier of a path, once it has the form of one. */
export function identifierOfPath(ctx: Ctx): string {
  const identifier = ctx.path_params.identifier ?? ''
  if (!identifierForm.test(identifier)) throw noSuchProvider()
  return identifier
}

/** @throws AuthError 400 validation_failed */
export function requirePrefix(identifier: string): void {
  if (!identifier.startsWith('custom:'))
    throw invalid(`identifier must start with 'custom:' prefix, e.g. 'custom:${identifier}'`)
}

/** Parameters that sign-in itself sets. */
const reserved = new Set([...reservedParameters, 'nonce'])
/** Claims that a provider must not decide on. */
const protectedClaims = new Set([
  ...['id', 'aud', 'role', 'app_metadata', 'created_at', 'updated_at', 'confirmed_at', 'email_confirmed_at'],
  ...['phone_confirmed_at', 'email_verified', 'phone_verified', 'banned_until', 'is_super_admin'],
])
/** Characters at most, as the table has it. */
const maxLengths = { identifier: 50, name: 100, client_id: 512 } as const
const maxAddress = 2048

/** @throws AuthError 400 validation_failed */
export function checkProviderFields(fields: {
  identifier?: string
  name?: string
  client_id?: string
  authorization_params?: Metadata | undefined
  attribute_mapping?: Metadata | undefined
  custom_claims_allowlist?: string[] | undefined
}): void {
  for (const [name, most] of Object.entries(maxLengths)) {
    const value = fields[name as keyof typeof maxLengths] ?? ''
    if (value.length > most) throw invalid(`${name} cannot be longer than ${most} characters`)
  }
  if (fields.identifier !== undefined && !identifierForm.test(fields.identifier))
    throw invalid('identifier can only contain lower-case letters, digits, colons and hyphens')
  if (fields.identifier === reservedIdentifier)
    throw invalid(`identifier ${reservedIdentifier} is reserved: it opens the pages of this server`)
  for (const [name, value] of Object.entries(fields.authorization_params ?? {})) {
    if (reserved.has(name)) throw invalid(`Cannot override reserved OAuth parameter: ${name}`)
    if (typeof value !== 'string') throw invalid(`Authorization parameter "${name}" must be a string`)
  }
  for (const name of Object.keys(fields.attribute_mapping ?? {}))
    if (protectedClaims.has(name)) throw invalid(`Cannot map to protected system field: ${name}`)
  if (fields.custom_claims_allowlist?.some((name) => name.trim() === ''))
    throw invalid('custom_claims_allowlist entries must be non-empty strings')
}

/**
 * Checks addresses in turn; empty ones are none.
 * @throws AuthError 400 validation_failed
 */
export async function checkAddresses(ctx: Ctx, addresses: readonly (string | undefined)[]): Promise<void> {
  for (const address of addresses) {
    if (address === undefined || address === '') continue
    if (address.length > maxAddress) throw invalid('Invalid URL format')
    const problem = await addressProblem(address, ctx.config.allow_private_providers)
    if (problem !== null) throw invalid(problem)
  }
}

/**
 * The discovery document of an OpenID provider, as the table keeps it.
 * @throws AuthError 400 validation_failed
 */
export async function discover(ctx: Ctx, issuer: string, discovery_url: string): Promise<Metadata> {
  const address = discovery_url || wellKnown(issuer.replace(/\/+$/, ''))
  const document = await ctx.providers.discover({ issuer, address }).catch((error: unknown) => {
    if (!(error instanceof DiscoveryError)) throw error
    throw new AuthError(400, 'validation_failed', `OIDC discovery from "${address}" failed: ${error.message}`, {
      cause: error,
    })
  })
  const { authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri } = document
  const missing = Object.entries({ authorization_endpoint, token_endpoint, jwks_uri }).flatMap(([name, value]) =>
    value === '' ? [name] : [],
  )
  if (missing.length > 0) throw invalid(`OIDC discovery document is missing required fields: ${missing.join(', ')}`)
  return {
    issuer: document.issuer,
    authorization_endpoint,
    token_endpoint,
    ...(userinfo_endpoint !== '' && { userinfo_endpoint }),
    jwks_uri,
    ...document.supported,
  }
}
