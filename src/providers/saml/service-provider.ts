// This server as a SAML service provider: its names and keys, what it says of itself, and the requests it signs.
import { type KeyObject, sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import type { Config } from '../../config/keys.ts'
import { readSamlKey } from '../../crypto/saml-key.ts'
import { selfSignedCertificate } from '../../crypto/self-signed-certificate.ts'
import { escapeHtml } from '../../escape-html.ts'

/** The names under which providers know this server. */
export interface ServiceProvider {
  /** Also the address of its metadata. */
  entity_id: string
  acs: string
  slo: string
  key: KeyObject
  /** The keys that assertions may be encrypted for, the first first. */
  decryption_keys: KeyObject[]
  /** Certificates of the keys in base64 of DER; `next` where a key waits to take over. */
  certificate: string
  next_certificate: string | null
  encrypts: boolean
}

/** Makes the service provider of a configuration that was checked; null while SAML is off. */
export function createServiceProvider(config: Config): ServiceProvider | null {
  if (!config.saml_enabled) return null
  const base = (config.saml_external_url || config.api_external_url).replace(/\/$/, '')
  const encrypts = config.saml_allow_encrypted_assertions
  const key = readSamlKey(config.saml_private_key)
  const next = config.saml_private_key_next === '' ? null : readSamlKey(config.saml_private_key_next)
  const host = hostOf(config.api_external_url)
  const certify = (of: KeyObject): string =>
    selfSignedCertificate(of, {
      common_name: `SAML 2.0 Certificate for ${host}`,
      dns_name: `_samlsp.${host}`,
      encrypts,
    }).toString('base64')
  return {
    entity_id: `${base}/sso/saml/metadata`,
    acs: `${base}/sso/saml/acs`,
    slo: `${base}/sso/saml/slo`,
    key,
    decryption_keys: next && encrypts ? [key, next] : [key],
    certificate: certify(key),
    next_certificate: next && certify(next),
    encrypts,
  }
}

/** The host of an address as it is written, which the certificate must repeat letter by letter. */
function hostOf(address: string): string {
  const authority = /^[^:]*:\/\/([^/?#]*)/.exec(address)?.[1]?.replace(/^.*@/, '') ?? ''
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*)):\d*$/.exec(authority) ?? []
  return bracketed ?? plain ?? authority
}

const md = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings:'
const encryptionMethods = ['aes128-cbc', 'aes192-cbc', 'aes256-cbc', 'rsa-oaep-mgf1p']
  .map((name) => `<md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#${name}"/>`)
  .join('')

const keyDescriptor = (use: 'signing' | 'encryption', certificate: string, more = ''): string =>
  `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${more}</md:KeyDescriptor>`

const hours = 3_600_000
const moment = (ms: number): string => new Date(ms).toISOString()

/** Metadata for providers (SAML Metadata §2.4.4); a file to keep is valid for five years, else for two days. */
export function serviceMetadata(provider: ServiceProvider, now_ms: number, is_file: boolean): string {
  const { certificate, next_certificate, encrypts, entity_id, acs, slo } = provider
  const soon = moment(now_ms + 48 * hours)
  const late = new Date(now_ms)
  late.setUTCFullYear(late.getUTCFullYear() + 5)
  const keys = [
    ...(encrypts ? [keyDescriptor('encryption', certificate, encryptionMethods)] : []),
    keyDescriptor('signing', certificate),
    ...(next_certificate ? [keyDescriptor('signing', next_certificate)] : []),
    ...(next_certificate && encrypts ? [keyDescriptor('encryption', next_certificate)] : []),
  ]
  const consumers = ['HTTP-POST', 'HTTP-Artifact'].map(
    (name, place) =>
      `<md:AssertionConsumerService Binding="${bindings}${name}" Location="${escapeHtml(acs)}" index="${place + 1}"/>`,
  )
  return [
    `<md:EntityDescriptor ${md} validUntil="${is_file ? late.toISOString() : soon}"${next_certificate ? ' cacheDuration="PT1H"' : ''} entityID="${escapeHtml(entity_id)}">`,
    `<md:SPSSODescriptor validUntil="${soon}" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAssertionsSigned="true">`,
    ...keys,
    `<md:SingleLogoutService Binding="${bindings}HTTP-POST" Location="${escapeHtml(slo)}" ResponseLocation="${escapeHtml(slo)}"/>`,
    '<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>',
    '<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>',
    ...consumers,
    '</md:SPSSODescriptor></md:EntityDescriptor>',
  ].join('')
}

/** A request that is to be sent by the browser. */
export interface SignInRequest {
  id: string
  /** Where the provider takes it. */
  address: string
  relay_state: string
  name_format: string | null
  now_ms: number
}

const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

/** The address with a signed AuthnRequest (SAML Core §3.4.1). */
export function signInAddress(provider: ServiceProvider, request: SignInRequest): string {
  const { id, address, relay_state, name_format, now_ms } = request
  const xml = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${moment(now_ms)}" Destination="${escapeHtml(address)}" AssertionConsumerServiceURL="${escapeHtml(provider.acs)}" ProtocolBinding="${bindings}HTTP-POST">${issuerOf(provider)}<samlp:NameIDPolicy Format="${escapeHtml(name_format || persistent)}" AllowCreate="true"/></samlp:AuthnRequest>`
  return redirectWithMessage(provider.key, address, { SAMLRequest: deflated(xml), RelayState: relay_state })
}

/** What metadata may hold and an address may not (RFC 3986 §2.1). */
const escaped = (text: string): string => text.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, encodeURIComponent)

const issuerOf = ({ entity_id }: ServiceProvider): string =>
  `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${escapeHtml(entity_id)}</saml:Issuer>`

/** A message as HTTP-Redirect carries it (SAML Bindings §3.4.4.1). */
const deflated = (xml: string): string => deflateRawSync(xml).toString('base64')

/** Adds parameters and their signature to an address; as recorded it is by SHA-1, and over the address's own query too. */
function redirectWithMessage(key: KeyObject, address: string, parameters: Record<string, string>): string {
  const [, base = '', query = '', fragment = ''] = /^([^?#]*)\??([^#]*)(.*)$/s.exec(address) ?? []
  const all = { ...parameters, SigAlg: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const signed = [...(query === '' ? [] : [query]), ...pairs].join('&')
  const signature = encodeURIComponent(sign('sha1', Buffer.from(signed), key).toString('base64'))
  return `${escaped(base)}?${signed}&Signature=${signature}${escaped(fragment)}`
}
