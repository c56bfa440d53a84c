// What a SAML identity provider says of itself (Metadata for the OASIS SAML V2.0, §2.3 and §2.4).
import type { Element } from '@xmldom/xmldom'
import { attribute, childrenOf, isNamed, parseXml, readMoment, type SamlError, textOf } from './parse-xml.ts'

/** Where a provider takes messages of a kind. */
export interface SamlService {
  /** The last part of the binding's name: HTTP-Redirect, HTTP-POST, SOAP. */
  binding: string
  address: string
  /** Where answers go; the address where the provider does not say. */
  response_address: string
  index: number
}

/** The parts of a provider's metadata that sign-in needs. */
export interface SamlMetadata {
  entity_id: string
  /** Where people are sent, by HTTP-Redirect; `''` when the provider takes no such requests. */
  sso_address: string
  /** Where artifacts are resolved, by SOAP. */
  artifact_services: SamlService[]
  logout_services: SamlService[]
  /** Certificates that signatures may be of: base64 of DER. */
  certificates: string[]
  /** Milliseconds since the epoch; null where it does not say. */
  valid_until_ms: number | null
  /** Milliseconds; null where it does not say. */
  cache_duration_ms: number | null
}

/** What is wrong with metadata; `form` for what is no metadata at all. */
export class SamlMetadataError extends Error {
  readonly kind: 'form' | 'content'

  constructor(kind: 'form' | 'content', message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.kind = kind
  }
}

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:'
const webBindings = ['HTTP-Redirect', 'HTTP-POST', 'HTTP-Artifact', 'SOAP']

/**
 * Reads the metadata of one provider; of several entities, that of the first which signs people in.
 * @throws SamlMetadataError
 */
export function readSamlMetadata(xml: string): SamlMetadata {
  const root = entityOf(parseRoot(xml))
  const entity_id = attribute(root, 'entityID')
  if (entity_id === '') throw new SamlMetadataError('content', 'SAML Metadata does not contain an EntityID')
  const descriptors = childrenOf(root, 'md', 'IDPSSODescriptor')
  const [idp] = descriptors
  if (!idp) throw new SamlMetadataError('content', 'SAML Metadata does not contain any IDPSSODescriptor')
  if (descriptors.length > 1)
    throw new SamlMetadataError('content', 'SAML Metadata contains multiple IDPSSODescriptors')
  const services = servicesOf(idp, 'SingleSignOnService')
  return {
    entity_id,
    sso_address: services.find(({ binding }) => binding === 'HTTP-Redirect')?.address ?? '',
    artifact_services: servicesOf(idp, 'ArtifactResolutionService').filter(({ binding }) => binding === 'SOAP'),
    logout_services: servicesOf(idp, 'SingleLogoutService'),
    certificates: childrenOf(idp, 'md', 'KeyDescriptor')
      .filter((key) => attribute(key, 'use') !== 'encryption')
      .flatMap((key) => Array.from(key.getElementsByTagNameNS('*', 'X509Certificate')))
      .map((certificate) => textOf(certificate).replace(/\s+/g, ''))
      .slice(0, maxCertificates),
    valid_until_ms: momentOf(root, 'validUntil'),
    cache_duration_ms: readDuration(attribute(root, 'cacheDuration')),
  }
}

/** Certificates of a provider at most: each may have to be tried. */
const maxCertificates = 16

function parseRoot(xml: string): Element {
  try {
    return parseXml(xml)
  } catch (error) {
    throw new SamlMetadataError('form', `SAML Metadata is not accepted: ${(error as SamlError).message}`, {
      cause: error,
    })
  }
}

function entityOf(root: Element): Element {
  if (isNamed(root, 'md', 'EntityDescriptor')) return root
  const entities = isNamed(root, 'md', 'EntitiesDescriptor') ? childrenOf(root, 'md', 'EntityDescriptor') : []
  const found = entities.find((entity) => childrenOf(entity, 'md', 'IDPSSODescriptor').length > 0)
  if (!found) throw new SamlMetadataError('form', 'SAML Metadata describes no entity')
  return found
}

/**
 * The services of a kind that are reached by the web.
 * @throws SamlMetadataError where a browser or this server cannot be sent to one of them, as recorded
 */
const servicesOf = (idp: Element, name: string): SamlService[] =>
  childrenOf(idp, 'md', name).flatMap((service) => {
    const binding = webBindings.find((one) => attribute(service, 'Binding') === `${bindings}${one}`)
    if (binding === undefined) return []
    const address = attribute(service, 'Location')
    const response_address = attribute(service, 'ResponseLocation') || address
    if (!isWeb(address) || !isWeb(response_address))
      throw new SamlMetadataError('content', `SAML Metadata has a ${name} without an http or https address`)
    return [{ binding, address, response_address, index: Number(attribute(service, 'index') || '0') }]
  })

const isWeb = (address: string): boolean => URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)

function momentOf(node: Element, name: string): number | null {
  try {
    return readMoment(attribute(node, name))
  } catch {
    return null
  }
}

/** A duration as XML Schema writes it (§3.2.6), in milliseconds; null for none, and for what is no duration. */
export function readDuration(value: string): number | null {
  const form = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
  const found = form.exec(value)
  if (!found || !/\d/.test(value)) return null
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(1)
    .map((n) => Number(n ?? 0))
  return (((years * 365 + months * 30 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000
}
