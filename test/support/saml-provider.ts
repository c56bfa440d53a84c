// A SAML identity provider of tests: its metadata, and responses signed and encrypted in any way, right or wrong.
import {
  type CipherGCM,
  constants,
  createCipheriv,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { selfSignedCertificate } from '../../src/crypto/self-signed-certificate.ts'

/** The key of the servers under test, as their variable holds it. */
const { privateKey: serverPrivateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const serverKey = serverPrivateKey.export({ format: 'der', type: 'pkcs1' }).toString('base64')

/** Variables of a server with SAML, beside those of every test. */
export const samlEnv = {
  GOTRUE_SAML_ENABLED: 'true',
  GOTRUE_SAML_PRIVATE_KEY: serverKey,
  GOTRUE_SAML_RATE_LIMIT_ASSERTION: '100000',
}

/** Addresses of the server under test. */
export const acs = 'http://auth.example.test/sso/saml/acs'
export const audience = 'http://auth.example.test/sso/saml/metadata'

/** The certificate of the server under test, as providers read it from its metadata. */
export const serverCertificate = (encrypts = true): X509Certificate =>
  new X509Certificate(
    selfSignedCertificate(serverPrivateKey, {
      common_name: 'SAML 2.0 Certificate for auth.example.test',
      dns_name: '_samlsp.auth.example.test',
      encrypts,
    }),
  )

const xmldsig = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const enc = 'http://www.w3.org/2001/04/xmlenc#'

/** Algorithms by short names: address and hash. */
const signatures = {
  'rsa-sha1': [`${xmldsig}rsa-sha1`, 'sha1'],
  'rsa-sha256': [`${more}rsa-sha256`, 'sha256'],
  'rsa-sha384': [`${more}rsa-sha384`, 'sha384'],
  'rsa-sha512': [`${more}rsa-sha512`, 'sha512'],
  'pss-sha256': ['http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', 'sha256'],
  'hmac-sha256': [`${more}hmac-sha256`, 'sha256'],
  none: ['http://www.w3.org/2000/09/xmldsig#none', 'sha256'],
} as const
const digests = {
  md5: [`${more}md5`, 'md5'],
  sha1: [`${xmldsig}sha1`, 'sha1'],
  sha256: [`${enc}sha256`, 'sha256'],
  sha384: [`${more}sha384`, 'sha384'],
  sha512: [`${enc}sha512`, 'sha512'],
} as const
export const nameFormats = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  email: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
}

/** How an assertion is encrypted. */
export interface Encryption {
  method: 'aes128-cbc' | 'aes192-cbc' | 'aes256-cbc' | 'tripledes-cbc' | 'aes128-gcm' | 'aes256-gcm'
  transport: 'rsa-oaep-mgf1p' | 'rsa-1_5'
  certificate: X509Certificate
}

/** What a response says; everything has a right default. */
export interface ResponseFacts {
  in_response_to?: string
  name_id?: string | null
  name_format?: keyof typeof nameFormats
  /** XML that stands in the place of the name. */
  name_xml?: string
  attributes?: Record<string, string | readonly string[]>
  /** XML of further statements and conditions. */
  statements?: string
  signs?: 'assertion' | 'response' | 'both' | 'nothing'
  signature?: keyof typeof signatures
  digest?: keyof typeof digests
  /** The key that signs, where it is not the provider's. */
  key?: KeyObject
  /** Changes the Signature element before it is inserted. */
  changeSignature?: (xml: string) => string
  encryption?: Encryption
  issuer?: string
  destination?: string | null
  recipient?: string
  audience?: string | null
  status?: string
  issued_at?: string
  assertion_issued_at?: string
  not_before?: string
  not_after?: string
  session_until?: string
  session_index?: string
  assertion_id?: string
  /** Characters of a further attribute, to make it large. */
  padding?: number
}

/** A response and its parts, as they stand in it. */
export interface MadeResponse {
  xml: string
  /** The assertion with its signature; '' when encrypted. */
  assertion: string
  /** The Signature element of the assertion, else of the response; '' without one. */
  signature: string
  assertion_id: string
  response_id: string
}

/** An identity provider. */
export interface SamlProvider {
  entity_id: string
  key: KeyObject
  certificate: X509Certificate
  metadata(more?: string, attributes?: string): string
  respond(facts?: ResponseFacts): MadeResponse
  /** The same, as a form sends it. */
  response(facts?: ResponseFacts): string
  signature(xml: string, reference: string, facts?: ResponseFacts): string
}

/** A moment so many minutes from now. */
export const inMinutes = (minutes: number): string =>
  new Date(Date.now() + minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z')

/** Text in XML. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const newId = () => `_${randomBytes(16).toString('hex')}`

/** Makes a provider with a key of its own. */
export function createSamlProvider(entity_id: string): SamlProvider {
  const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = new X509Certificate(
    selfSignedCertificate(key, { common_name: 'idp.example', dns_name: 'idp.example', encrypts: false }),
  )
  const base64 = certificate.raw.toString('base64')

  function signature(xml: string, reference: string, facts: ResponseFacts = {}): string {
    const [method, hash] = signatures[facts.signature ?? 'rsa-sha256']
    const [digestMethod, digestHash] = digests[facts.digest ?? 'sha256']
    // What is signed is canonical, which comments are not.
    const value = createHash(digestHash)
      .update(xml.replace(/<!--.*?-->/gs, ''))
      .digest('base64')
    const algorithm = (name: string, address: string) => `<ds:${name} Algorithm="${address}"></ds:${name}>`
    const c14n = 'http://www.w3.org/2001/10/xml-exc-c14n#'
    const info = (namespace: string) =>
      `<ds:SignedInfo${namespace}>${algorithm('CanonicalizationMethod', c14n)}${algorithm('SignatureMethod', method)}<ds:Reference URI="#${reference}"><ds:Transforms>${algorithm('Transform', `${xmldsig}enveloped-signature`)}${algorithm('Transform', c14n)}</ds:Transforms>${algorithm('DigestMethod', digestMethod)}<ds:DigestValue>${value}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
    const padding = method.endsWith('MGF1') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
    const own = { key: facts.key ?? key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    const signed = sign(hash, Buffer.from(info(` xmlns:ds="${xmldsig}"`)), own).toString('base64')
    const element = `<ds:Signature xmlns:ds="${xmldsig}">${info('')}<ds:SignatureValue>${signed}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
    return facts.changeSignature?.(element) ?? element
  }

  function respond(facts: ResponseFacts = {}): MadeResponse {
    const assertion_id = facts.assertion_id ?? newId()
    const response_id = newId()
    const signs = facts.signs ?? 'assertion'
    const bare = assertionXml(facts, assertion_id, facts.issuer ?? entity_id)
    const assertionSignature = signs === 'assertion' || signs === 'both' ? signature(bare(''), assertion_id, facts) : ''
    const assertion = bare(assertionSignature)
    const inner = facts.encryption ? encrypted(assertion, facts.encryption) : assertion
    const whole = responseXml(facts, response_id, facts.issuer ?? entity_id, inner)
    const responseSignature = signs === 'response' || signs === 'both' ? signature(whole(''), response_id, facts) : ''
    return {
      xml: whole(responseSignature),
      assertion: facts.encryption ? '' : assertion,
      signature: assertionSignature || responseSignature,
      assertion_id,
      response_id,
    }
  }

  return {
    entity_id,
    key,
    certificate,
    metadata: (more = '', attributes = '') =>
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="${xmldsig}" entityID="${entity_id}"${attributes}><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>${more}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
    respond,
    response: (facts) => Buffer.from(respond(facts).xml).toString('base64'),
    signature,
  }
}

const answering = ({ in_response_to }: ResponseFacts) => (in_response_to ? ` InResponseTo="${in_response_to}"` : '')

/** Everything is written in canonical form, so a signature is over the text as it stands: two writings have the same times. */
function assertionXml(facts: ResponseFacts, id: string, issuer: string): (signature: string) => string {
  const issued = facts.assertion_issued_at ?? facts.issued_at ?? inMinutes(0)
  const until = facts.not_after ?? inMinutes(5)
  const from = facts.not_before ?? inMinutes(-5)
  const attributes = { ...facts.attributes, ...(facts.padding && { padding: 'x'.repeat(facts.padding) }) }
  const values = (given: string | readonly string[]) =>
    [given].flat().map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`)
  const listed = Object.entries(attributes).map(
    ([name, given]) => `<saml:Attribute Name="${name}">${values(given).join('')}</saml:Attribute>`,
  )
  const format = nameFormats[facts.name_format ?? 'persistent']
  const name =
    facts.name_xml ??
    (facts.name_id === null
      ? ''
      : `<saml:NameID Format="${format}">${escaped(facts.name_id ?? 'person-1')}</saml:NameID>`)
  const restricted =
    facts.audience === null
      ? ''
      : `<saml:AudienceRestriction><saml:Audience>${facts.audience ?? audience}</saml:Audience></saml:AudienceRestriction>`
  const index = facts.session_index ? ` SessionIndex="${facts.session_index}"` : ''
  const session = facts.session_until ? ` SessionNotOnOrAfter="${facts.session_until}"` : ''
  return (signature) =>
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" IssueInstant="${issued}" Version="2.0"><saml:Issuer>${escaped(issuer)}</saml:Issuer>${signature}<saml:Subject>${name}<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData${answering(facts)} NotOnOrAfter="${until}" Recipient="${facts.recipient ?? acs}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${from}" NotOnOrAfter="${until}">${restricted}</saml:Conditions><saml:AuthnStatement AuthnInstant="${issued}"${index}${session}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${listed.length > 0 ? `<saml:AttributeStatement>${listed.join('')}</saml:AttributeStatement>` : ''}${facts.statements ?? ''}</saml:Assertion>`
}

function responseXml(facts: ResponseFacts, id: string, issuer: string, inner: string): (signature: string) => string {
  const issued = facts.issued_at ?? inMinutes(0)
  const destination = facts.destination === null ? '' : ` Destination="${facts.destination ?? acs}"`
  return (signature) =>
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"${destination} ID="${id}"${answering(facts)} IssueInstant="${issued}" Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${escaped(issuer)}</saml:Issuer>${signature}<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${facts.status ?? 'Success'}"></samlp:StatusCode></samlp:Status>${inner}</samlp:Response>`
}

const ciphers = {
  'aes128-cbc': ['aes-128-cbc', 16, 16, enc],
  'aes192-cbc': ['aes-192-cbc', 24, 16, enc],
  'aes256-cbc': ['aes-256-cbc', 32, 16, enc],
  'tripledes-cbc': ['des-ede3-cbc', 24, 8, enc],
  'aes128-gcm': ['aes-128-gcm', 16, 12, 'http://www.w3.org/2009/xmlenc11#'],
  'aes256-gcm': ['aes-256-gcm', 32, 12, 'http://www.w3.org/2009/xmlenc11#'],
} as const

/** An EncryptedAssertion (XML Encryption §4). */
export function encrypted(assertion: string, { method, transport, certificate }: Encryption): string {
  const [name, size, nonce, namespace] = ciphers[method]
  const [key, iv] = [randomBytes(size), randomBytes(nonce)]
  const cipher = createCipheriv(name, key, iv)
  const body = Buffer.concat([iv, cipher.update(assertion), cipher.final()])
  const data = method.endsWith('gcm') ? Buffer.concat([body, (cipher as CipherGCM).getAuthTag()]) : body
  const padding = transport === 'rsa-1_5' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING
  const sealed = publicEncrypt({ key: certificate.publicKey, padding, oaepHash: 'sha1' }, key)
  const value = (bytes: Buffer) =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`
  return `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${enc}" Type="${enc}Element"><xenc:EncryptionMethod Algorithm="${namespace}${method}"></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds="${xmldsig}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${enc}${transport}"></xenc:EncryptionMethod>${value(sealed)}</xenc:EncryptedKey></ds:KeyInfo>${value(data)}</xenc:EncryptedData></saml:EncryptedAssertion>`
}
