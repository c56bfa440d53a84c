// Identity providers of companies as administrators send, read and find them.
import { z } from 'zod'
import type { Ctx } from '../../../context.ts'
import { AuthError, invalid } from '../../../errors.ts'
import { SamlMetadataError } from '../../../providers/saml/metadata.ts'
import { readAddress } from '../../../read-address.ts'
import { isUniqueViolation } from '../../../storage/db.ts'
import type { SsoProvider } from '../../../storage/sso-providers.ts'
import { utcTime } from '../../steps/answers/present-user.ts'
import { optionalBoolean, optionalText, text, texts } from '../../steps/requests/fields.ts'
import { attributeMapping } from './attribute-mapping.ts'

export const ssoProviderBody = z.object({
  type: text,
  metadata_url: text,
  metadata_xml: text,
  domains: texts.optional(),
  attribute_mapping: attributeMapping,
  name_id_format: text,
  resource_id: optionalText,
  disabled: optionalBoolean,
})

/** What an administrator sends about a provider. */
export type SsoProviderBody = z.infer<typeof ssoProviderBody>

/** The JSON of a provider; lists leave its metadata out. */
export function presentSsoProvider(provider: SsoProvider, { listed = false } = {}): Record<string, unknown> {
  const { entity_id, metadata_xml, metadata_url, attribute_mapping, name_id_format } = provider
  return {
    id: provider.id,
    ...(provider.resource_id !== null && { resource_id: provider.resource_id }),
    disabled: provider.disabled,
    saml: {
      entity_id,
      ...(!listed && { metadata_xml }),
      ...(metadata_url && { metadata_url }),
      attribute_mapping: attribute_mapping ?? {},
      ...(name_id_format && { name_id_format }),
    },
    domains: provider.domains.map((domain) => ({ domain })),
    created_at: utcTime(provider.created_at),
    updated_at: utcTime(provider.updated_at),
  }
}

const nameFormats = [
  'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
]

/**
 * The checks in the reference's order.
 * @throws AuthError 400 validation_failed
 */
export function checkSsoProvider({ metadata_url, metadata_xml, name_id_format }: SsoProviderBody): void {
  if (metadata_url !== '' && metadata_xml !== '')
    throw invalid('Only one of metadata_xml or metadata_url needs to be set')
  const address = readAddress(metadata_url, 'request')
  if (metadata_url !== '' && address === null) throw invalid('metadata_url is not a valid URL')
  if (metadata_url !== '' && address?.scheme !== 'https') throw invalid('metadata_url is not a HTTPS URL')
  if (name_id_format !== '' && !nameFormats.includes(name_id_format))
    throw invalid(`name_id_format must be unspecified or one of ${nameFormats.join(', ')}`)
}

/** Metadata as it was sent or fetched, with the name that it gives the provider. */
export interface GivenMetadata {
  entity_id: string
  metadata_xml: string
}

/** Whether a body holds metadata, or says where they are. */
export const givesMetadata = ({ metadata_url, metadata_xml }: SsoProviderBody): boolean =>
  metadata_url !== '' || metadata_xml !== ''

/**
 * Reads the metadata of a body that gives them.
 * @throws AuthError 400 validation_failed or saml_metadata_fetch_failed; 500 when the address is out of reach
 */
export async function readGivenMetadata(
  ctx: Ctx,
  { metadata_url, metadata_xml }: SsoProviderBody,
): Promise<GivenMetadata> {
  const xml = metadata_xml || (await fetchMetadata(ctx, metadata_url))
  try {
    return { entity_id: (await ctx.saml.readMetadata(xml)).entity_id, metadata_xml: xml }
  } catch (error) {
    if (error instanceof SamlMetadataError) throw invalid(error.message)
    throw error
  }
}

async function fetchMetadata(ctx: Ctx, address: string): Promise<string> {
  const answer = await ctx.providers.fetchDocument(address).catch((cause: unknown) => {
    throw new AuthError(400, 'saml_metadata_fetch_failed', `error fetching SAML Metadata from URL '${address}'`, {
      cause,
    })
  })
  if (answer.status === 200) return answer.text
  throw new AuthError(
    400,
    'saml_metadata_fetch_failed',
    `HTTP ${answer.status} error fetching SAML Metadata from URL '${address}'`,
  )
}

/** 422 for metadata whose entity another provider has. */
export const idpAlreadyExists = (entity_id: string): AuthError =>
  new AuthError(
    422,
    'saml_idp_already_exists',
    `SAML Identity Provider with this EntityID (${entity_id}) already exists`,
  )

/** What a write of a provider is refused with when another one has what it asks for. */
export function asSsoConflict(entity_id: string): (error: unknown) => never {
  return (error) => {
    if (isUniqueViolation(error, 'saml_providers_entity_id_key')) throw idpAlreadyExists(entity_id)
    if (isUniqueViolation(error))
      throw new AuthError(422, 'conflict', 'Updating SSO provider failed, likely due to a conflict. Try again?')
    throw error
  }
}
