// The JSON of an administrator's provider; its secret is never shown.
import type { CustomProvider } from '../../../storage/custom-providers.ts'
import { utcTime } from '../../steps/answers/present-user.ts'

const filled = (name: string, value: unknown) => (value === null ? {} : { [name]: value })

/** A provider as answers show it. */
export function presentCustomProvider(row: CustomProvider): Record<string, unknown> {
  return {
    id: row.id,
    provider_type: row.provider_type,
    identifier: row.identifier,
    name: row.name,
    client_id: row.client_id,
    acceptable_client_ids: row.acceptable_client_ids,
    scopes: row.scopes,
    pkce_enabled: row.pkce_enabled,
    attribute_mapping: row.attribute_mapping,
    custom_claims_allowlist: row.custom_claims_allowlist,
    authorization_params: row.authorization_params,
    enabled: row.enabled,
    email_optional: row.email_optional,
    ...filled('issuer', row.issuer),
    ...filled('discovery_url', row.discovery_url),
    skip_nonce_check: row.skip_nonce_check,
    ...filled('discovery_document', row.cached_discovery),
    ...filled('authorization_url', row.authorization_url),
    ...filled('token_url', row.token_url),
    ...filled('userinfo_url', row.userinfo_url),
    ...filled('jwks_uri', row.jwks_uri),
    created_at: utcTime(row.created_at),
    updated_at: utcTime(row.updated_at),
  }
}
