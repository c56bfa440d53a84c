// Responses of SAML identity providers (SAML Profiles §4.1.4): what makes one acceptable, and the assertion that it carries.
import type { Element } from '@xmldom/xmldom'
import { decryptAssertion } from './decrypt-assertion.ts'
import { checkMessage, type ResponseRules, requireAnswer, requireSuccess } from './message-rules.ts'
import {
  attribute,
  childOf,
  countWithin,
  isNamed,
  parseXml,
  requiredChild,
  requireNamed,
  SamlError,
} from './parse-xml.ts'
import { checkAssertion, readAssertion, type SamlAssertion } from './read-assertion.ts'
import { signedElement } from './signed-element.ts'

/**
 * The assertion of a response, whose every letter is signed by the provider.
 * @throws SamlError
 */
export function acceptResponse(xml: string, rules: ResponseRules): SamlAssertion {
  const root = parseXml(xml)
  if (!isNamed(root, 'samlp', 'Response')) throw new SamlError('the message is no response')
  return acceptElement(root, rules, false)
}

/**
 * The same for what an artifact stood for (SAML Bindings §3.6): a SOAP envelope with our request's answer.
 * @param resolve_id the id of the request that resolved the artifact
 * @throws SamlError
 */
export function acceptArtifact(xml: string, resolve_id: string, rules: ResponseRules): SamlAssertion {
  const body = requiredChild(requireNamed(parseXml(xml), 'soap', 'Envelope'), 'soap', 'Body')
  const sent = requiredChild(body, 'samlp', 'ArtifactResponse')
  const signed = signedElement(sent, rules.keys)
  const answer = signed ?? sent
  checkMessage(answer, rules)
  requireSuccess(answer)
  if (attribute(answer, 'InResponseTo') !== resolve_id) throw new SamlError('the envelope answers another request')
  return acceptElement(requiredChild(answer, 'samlp', 'Response'), rules, signed !== null)
}

/** @param is_signed whether what stands around the response was signed, and with it the response */
function acceptElement(sent: Element, rules: ResponseRules, is_signed: boolean): SamlAssertion {
  const signed = signedElement(sent, rules.keys)
  const response = signed ?? sent
  const isTrusted = signed !== null || is_signed
  checkMessage(response, rules)
  requireSuccess(response)
  const destination = attribute(response, 'Destination')
  if (destination !== rules.address && (destination !== '' || signed !== null))
    throw new SamlError('the response is for another destination')
  requireAnswer(attribute(response, 'InResponseTo'), rules.request_id)
  const assertion = assertionOf(response, rules, isTrusted)
  checkAssertion(assertion, rules)
  return readAssertion(assertion)
}

/** The one assertion of a response, read from bytes that are signed; wherever another stands, nobody is signed in. */
function assertionOf(response: Element, rules: ResponseRules, is_trusted: boolean): Element {
  const count = countWithin(response, 'saml', 'Assertion') + countWithin(response, 'saml', 'EncryptedAssertion')
  if (count !== 1) throw new SamlError(`the response has ${count} assertions`)
  const encrypted = childOf(response, 'saml', 'EncryptedAssertion')
  const sent = encrypted
    ? requireNamed(parseXml(decryptAssertion(encrypted, rules.decryption_keys)), 'saml', 'Assertion')
    : requiredChild(response, 'saml', 'Assertion')
  const signed = signedElement(sent, rules.keys)
  if (!signed && !is_trusted) throw new SamlError('neither the response nor its assertion is signed')
  const assertion = signed ?? sent
  if (countWithin(assertion, 'saml', 'Assertion') !== 1) throw new SamlError('the assertion has another within')
  return assertion
}
