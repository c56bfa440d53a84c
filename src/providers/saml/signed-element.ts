// XML signatures (XML Signature Syntax 1.1) as SAML Core §5.4 allows them: what was signed is all that is read on.
import {
  createHash,
  type KeyObject,
  timingSafeEqual,
  type VerifyKeyObjectInput,
  verify,
  X509Certificate,
} from 'node:crypto'
import type { Element } from '@xmldom/xmldom'
import { ExclusiveCanonicalization, ExclusiveCanonicalizationWithComments } from 'xml-crypto'
import {
  attribute,
  childOf,
  childrenOf,
  elementsOf,
  isNamed,
  isPlain,
  parseXml,
  readBase64,
  requiredChild,
  SamlError,
  textOf,
} from './parse-xml.ts'

const xmldsig = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const newer = 'http://www.w3.org/2007/05/xmldsig-more#'
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = `${xmldsig}enveloped-signature`

interface Method {
  type: 'rsa' | 'ec'
  hash: string
  options?: Omit<VerifyKeyObjectInput, 'key'>
}
const rsa = (hash: string): Method => ({ type: 'rsa', hash })
// RSA_PKCS1_PSS_PADDING, with a salt as long as the hash (RFC 9231 §2.3.10).
const pss = (hash: string): Method => ({ type: 'rsa', hash, options: { padding: 6, saltLength: -1 } })
const ecdsa = (hash: string): Method => ({ type: 'ec', hash, options: { dsaEncoding: 'ieee-p1363' } })

/** What may sign. SHA-1 is not among them: who can choose what is signed can make two messages with one signature. */
const methods: Readonly<Record<string, Method>> = {
  [`${more}rsa-sha256`]: rsa('sha256'),
  [`${more}rsa-sha384`]: rsa('sha384'),
  [`${more}rsa-sha512`]: rsa('sha512'),
  [`${newer}sha256-rsa-MGF1`]: pss('sha256'),
  [`${newer}sha384-rsa-MGF1`]: pss('sha384'),
  [`${newer}sha512-rsa-MGF1`]: pss('sha512'),
  [`${more}ecdsa-sha256`]: ecdsa('sha256'),
  [`${more}ecdsa-sha384`]: ecdsa('sha384'),
  [`${more}ecdsa-sha512`]: ecdsa('sha512'),
}
const digests: Readonly<Record<string, string>> = {
  [`${xmlenc}sha256`]: 'sha256',
  [`${more}sha384`]: 'sha384',
  [`${xmlenc}sha512`]: 'sha512',
}

/** The keys of certificates in base64 of DER, as metadata carries them; what cannot be read or is too weak is no key. */
export function keysOf(certificates: readonly string[]): KeyObject[] {
  return certificates.flatMap((certificate) => {
    try {
      const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'))
      const { modulusLength } = publicKey.asymmetricKeyDetails ?? {}
      return modulusLength !== undefined && modulusLength < 2048 ? [] : [publicKey]
    } catch {
      return []
    }
  })
}

/**
 * What the enveloped signature of an element covers, read again from the very bytes that were signed.
 * @returns null for an element without a signature
 * @throws SamlError for a signature that is not right, or in a form that is not the plainest
 */
export function signedElement(node: Element, keys: readonly KeyObject[]): Element | null {
  const signature = childOf(node, 'ds', 'Signature')
  if (!signature) return null
  if (!isPlain(signature)) throw new SamlError('the signature has comments')
  const info = requiredChild(signature, 'ds', 'SignedInfo')
  const allowed = ['SignedInfo', 'SignatureValue', 'KeyInfo']
  if (!elementsOf(signature).every((child) => allowed.some((name) => isNamed(child, 'ds', name))))
    throw new SamlError('the signature holds more than a signature')
  requireSigned(info, requiredChild(signature, 'ds', 'SignatureValue'), keys)
  const bytes = referenced(node, signature, info)
  const root = parseXml(bytes)
  if (root.localName !== node.localName || root.namespaceURI !== node.namespaceURI)
    throw new SamlError('what was signed is another element')
  return root
}

/** The method of the signature is fixed by the list, and goes only with keys of its type. */
function requireSigned(info: Element, value: Element, keys: readonly KeyObject[]): void {
  const canonicalize = canonicalization(requiredChild(info, 'ds', 'CanonicalizationMethod'))
  const method = methods[attribute(requiredChild(info, 'ds', 'SignatureMethod'), 'Algorithm')]
  if (!method) throw new SamlError('the signature has an algorithm that is not allowed')
  const bytes = Buffer.from(canonicalize(info))
  const signature = readBase64(textOf(value))
  const { type, hash, options } = method
  const isRight = keys.some(
    (key) =>
      key.asymmetricKeyType === type && signature !== null && verify(hash, bytes, { key, ...options }, signature),
  )
  if (!isRight) throw new SamlError('the signature is of no key of the provider')
}

/** The canonical bytes of the element that stands around the signature, after their digest was compared. */
function referenced(node: Element, signature: Element, info: Element): string {
  const reference = requiredChild(info, 'ds', 'Reference')
  const id = attribute(node, 'ID')
  if (id === '' || attribute(reference, 'URI') !== `#${id}`)
    throw new SamlError('the signature is not of the element that it stands in')
  const transforms = childrenOf(requiredChild(reference, 'ds', 'Transforms'), 'ds', 'Transform')
  const [first, second, third] = transforms
  if (!first || !second || third || attribute(first, 'Algorithm') !== enveloped || elementsOf(first).length > 0)
    throw new SamlError('the signature has transforms that are not allowed')
  const digest = digests[attribute(requiredChild(reference, 'ds', 'DigestMethod'), 'Algorithm')]
  if (!digest) throw new SamlError('the digest has an algorithm that is not allowed')
  const canonicalize = canonicalization(second)
  const after = signature.nextSibling
  node.removeChild(signature)
  const bytes = canonicalize(node)
  node.insertBefore(signature, after)
  const expected = readBase64(textOf(requiredChild(reference, 'ds', 'DigestValue')))
  const found = createHash(digest).update(bytes).digest()
  if (!expected || expected.length !== found.length || !timingSafeEqual(expected, found))
    throw new SamlError('the element was changed after it was signed')
  return bytes
}

/** Exclusive canonicalization (XML-EXC-C14N) as an element asks for it, the only one that SAML recommends. */
function canonicalization(method: Element): (node: Element) => string {
  const algorithm = attribute(method, 'Algorithm')
  const withComments = algorithm === `${exclusive}WithComments`
  if (!withComments && algorithm !== exclusive)
    throw new SamlError('the signature has a canonicalization that is not allowed')
  const [inclusive, ...others] = elementsOf(method)
  if (
    others.length > 0 ||
    (inclusive && (inclusive.localName !== 'InclusiveNamespaces' || inclusive.namespaceURI !== exclusive))
  )
    throw new SamlError('the signature has a canonicalization that is not allowed')
  const prefixes = inclusive ? attribute(inclusive, 'PrefixList').split(/\s+/).filter(Boolean) : []
  const canonicalizer = withComments ? new ExclusiveCanonicalizationWithComments() : new ExclusiveCanonicalization()
  return (node) =>
    canonicalizer.process(node as unknown as Parameters<typeof canonicalizer.process>[0], {
      inclusiveNamespacesPrefixList: prefixes,
      ancestorNamespaces: prefixes.length > 0 ? declared(node) : [],
    })
}

/** The namespaces that are declared around an element, the nearest of each prefix. */
function declared(node: Element): { prefix: string; namespaceURI: string }[] {
  const found = new Map<string, string>()
  for (let around = node.parentNode; around?.nodeType === 1; around = around.parentNode)
    for (const { prefix, localName, value } of Array.from((around as Element).attributes))
      if (prefix === 'xmlns' && localName && !found.has(localName)) found.set(localName, value)
  for (const { prefix, localName } of Array.from(node.attributes))
    if (prefix === 'xmlns' && localName) found.delete(localName)
  return Array.from(found, ([prefix, namespaceURI]) => ({ prefix, namespaceURI }))
}
