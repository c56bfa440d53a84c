// What an administrator sends about a provider.
import { z } from 'zod'
import { optionalBoolean, optionalObject, optionalText, text, texts } from '../../steps/requests/fields.ts'

/** The body of POST and PUT /admin/custom-providers. */
export const customProviderBody = z.object({
  provider_type: text,
  identifier: text,
  name: text,
  client_id: text,
  client_secret: text,
  acceptable_client_ids: texts.optional(),
  scopes: texts.optional(),
  pkce_enabled: optionalBoolean,
  attribute_mapping: optionalObject,
  custom_claims_allowlist: texts.optional(),
  authorization_params: optionalObject,
  enabled: optionalBoolean,
  email_optional: optionalBoolean,
  issuer: text,
  discovery_url: optionalText,
  skip_nonce_check: optionalBoolean,
  authorization_url: text,
  token_url: text,
  userinfo_url: text,
  jwks_uri: text,
})
