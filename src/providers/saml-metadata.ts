// What a SAML identity provider says of itself (Metadata for the OASIS SAML V2.0, §2.3 and §2.4).
import { DOMParser, type Element } from '@xmldom/xmldom'

/** The parts of a provider's metadata that sign-in needs. */
export interface SamlMetadata {
  entity_id: string
  /** Where people are sent, by HTTP-Redirect; `''` when the provider takes no such requests. */
  sso_address: string
  /** Certificates that signatures may be of: base64 of DER. */
  certificates: string[]
  /** Milliseconds since the epoch; null where it does not say. */
  valid_until_ms: number | null
}

/** What is wrong with metadata; `form` for what is no metadata at all. */
export class SamlMetadataError extends Error {
  readonly kind: 'form' | 'content'

  constructor(kind: 'form' | 'content', message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.kind = kind
  }
}

const namespace = 'urn:oasis:names:tc:SAML:2.0:metadata'
const redirectBinding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

/** Characters of metadata at most; those of large federations are taken apart by entity. */
const maxLength = 1_048_576

/**
 * Reads the metadata of one provider.
 * @throws SamlMetadataError
 */
export function readSamlMetadata(xml: string): SamlMetadata {
  const root = parseRoot(xml)
  const entity_id = root.getAttribute('entityID') ?? ''
  if (entity_id === '') throw new SamlMetadataError('content', 'SAML Metadata does not contain an EntityID')
  const descriptors = childrenOf(root, 'IDPSSODescriptor')
  const [idp] = descriptors
  if (!idp) throw new SamlMetadataError('content', 'SAML Metadata does not contain any IDPSSODescriptor')
  if (descriptors.length > 1)
    throw new SamlMetadataError('content', 'SAML Metadata contains multiple IDPSSODescriptors')
  const service = childrenOf(idp, 'SingleSignOnService').find((one) => one.getAttribute('Binding') === redirectBinding)
  const until = Date.parse(root.getAttribute('validUntil') ?? '')
  return {
    entity_id,
    sso_address: service?.getAttribute('Location') ?? '',
    certificates: childrenOf(idp, 'KeyDescriptor')
      .filter((key) => key.getAttribute('use') !== 'encryption')
      .flatMap((key) => Array.from(key.getElementsByTagNameNS('*', 'X509Certificate')))
      .map((certificate) => (certificate.textContent ?? '').replace(/\s+/g, '')),
    valid_until_ms: Number.isNaN(until) ? null : until,
  }
}

function parseRoot(xml: string): Element {
  if (xml.length > maxLength) throw new SamlMetadataError('form', `SAML Metadata cannot exceed ${maxLength} characters`)
  // Entities can make a small text large, and reach for files: metadata has no use for them.
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new SamlMetadataError('form', 'SAML Metadata must not have a DOCTYPE')
  const problems: string[] = []
  try {
    const parser = new DOMParser({ onError: (level, message) => level !== 'warning' && problems.push(message) })
    const root = parser.parseFromString(xml, 'text/xml').documentElement
    if (root && problems.length === 0 && root.localName === 'EntityDescriptor') return root
  } catch (error) {
    throw new SamlMetadataError('form', 'SAML Metadata is not valid XML', { cause: error })
  }
  throw new SamlMetadataError(
    'form',
    problems[0] ? 'SAML Metadata is not valid XML' : 'SAML Metadata describes no entity',
  )
}

const childrenOf = (parent: Element, name: string): Element[] =>
  Array.from(parent.childNodes).filter(
    (node): node is Element =>
      node.nodeType === 1 && (node as Element).localName === name && (node as Element).namespaceURI === namespace,
  )
