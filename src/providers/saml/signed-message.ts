// Messages of ours that carry their signature within: canonical as they are written, so that they are signed as text.
import { createHash, sign } from 'node:crypto'
import type { ServiceProvider } from './service-provider.ts'

const xmldsig = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

const algorithm = (name: string, address: string): string => `<ds:${name} Algorithm="${address}"></ds:${name}>`

/** What a message of ours is. */
export interface OwnMessage {
  /** Its name in the namespace of the protocol. */
  name: string
  id: string
  /** Further attributes of the message. */
  attributes: Record<string, string>
  /** Canonical XML after the issuer. */
  content: string
  address: string
  now_ms: number
}

/**
 * A message with its enveloped signature (SAML Core §5.4), by RSA and SHA-256, or without one for bindings that sign themselves. Everything is written as exclusive
 * canonicalization would write it, so what is signed is what is sent.
 */
export function signedMessage(provider: ServiceProvider, message: OwnMessage, is_enveloped = true): string {
  const { name, id, content, address, now_ms } = message
  const all: Record<string, string> = {
    ...message.attributes,
    Destination: address,
    ID: id,
    IssueInstant: new Date(now_ms).toISOString(),
    Version: '2.0',
  }
  const attributes = Object.keys(all)
    .sort()
    .map((key) => ` ${key}="${canonicalAttribute(all[key] ?? '')}"`)
    .join('')
  const issuer = `<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${canonicalText(provider.entity_id)}</saml:Issuer>`
  const write = (signature: string): string =>
    `<samlp:${name} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"${attributes}>${issuer}${signature}${content}</samlp:${name}>`
  return write(is_enveloped ? signatureOf(provider, id, write('')) : '')
}

function signatureOf(provider: ServiceProvider, id: string, xml: string): string {
  const digest = createHash('sha256').update(xml).digest('base64')
  const info = (namespace: string): string =>
    `<ds:SignedInfo${namespace}>${algorithm('CanonicalizationMethod', exclusive)}${algorithm('SignatureMethod', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')}<ds:Reference URI="#${id}"><ds:Transforms>${algorithm('Transform', `${xmldsig}enveloped-signature`)}${algorithm('Transform', exclusive)}</ds:Transforms>${algorithm('DigestMethod', 'http://www.w3.org/2001/04/xmlenc#sha256')}<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
  const value = sign('sha256', Buffer.from(info(` xmlns:ds="${xmldsig}"`)), provider.key).toString('base64')
  return `<ds:Signature xmlns:ds="${xmldsig}">${info('')}<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${provider.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
}

/** Characters as canonical XML writes them in attributes (Canonical XML 1.1 §2.3). */
export const canonicalAttribute = (value: string): string =>
  value.replace(
    /[&<"\t\n\r]/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '"': '&quot;', '\t': '&#x9;', '\n': '&#xA;', '\r': '&#xD;' })[c] ?? c,
  )

/** The same in text. */
export const canonicalText = (value: string): string =>
  value.replace(/[&<>\r]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' })[c] ?? c)
