// Assertions (SAML Core §2.3): what one must say to be for us and for now, and what it says of a person.
import type { Element } from '@xmldom/xmldom'
import { clockSkew_ms, type ResponseRules, requireAnswer, requireFresh } from './message-rules.ts'
import { attribute, childOf, childrenOf, readMoment, requiredChild, SamlError, textOf } from './parse-xml.ts'

/** The name of a person at their provider (SAML Core §2.2.3). */
export interface SamlName {
  value: string
  format: string
  name_qualifier: string
  sp_name_qualifier: string
}

/** An attribute of a person. */
export interface SamlAttribute {
  name: string
  friendly_name: string
  values: string[]
}

/** What an assertion says. */
export interface SamlAssertion {
  id: string
  /** Milliseconds since the epoch from which on nobody accepts it. */
  until_ms: number
  name: SamlName | null
  attributes: SamlAttribute[]
  /** The provider's own name for its session; '' without one. */
  session_index: string
  /** Milliseconds since the epoch; null where the provider does not say. */
  session_until_ms: number | null
}

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

/** @throws SamlError */
export function checkAssertion(assertion: Element, rules: ResponseRules): void {
  if (attribute(assertion, 'Version') !== '2.0') throw new SamlError('the assertion is not of SAML 2.0')
  if (attribute(assertion, 'ID') === '') throw new SamlError('the assertion has no id')
  if (textOf(requiredChild(assertion, 'saml', 'Issuer')) !== rules.issuer)
    throw new SamlError('the assertion is of another issuer')
  requireFresh(assertion, rules.now_ms)
  checkSubject(requiredChild(assertion, 'saml', 'Subject'), rules)
  checkConditions(requiredChild(assertion, 'saml', 'Conditions'), rules)
}

/** Whoever brings it may be signed in by it, here and as an answer to this request (SAML Profiles §4.1.4.3). */
function checkSubject(subject: Element, { address, request_id, now_ms }: ResponseRules): void {
  const confirmations = childrenOf(subject, 'saml', 'SubjectConfirmation').filter(
    (confirmation) => attribute(confirmation, 'Method') === bearer,
  )
  if (confirmations.length === 0) throw new SamlError('the assertion confirms nobody')
  for (const confirmation of confirmations) {
    const data = requiredChild(confirmation, 'saml', 'SubjectConfirmationData')
    if (attribute(data, 'Recipient') !== address) throw new SamlError('the assertion is for another recipient')
    requireAnswer(attribute(data, 'InResponseTo'), request_id)
    requireNow(data, now_ms)
  }
}

function checkConditions(conditions: Element, { audience, now_ms }: ResponseRules): void {
  requireNow(conditions, now_ms)
  for (const restriction of childrenOf(conditions, 'saml', 'AudienceRestriction'))
    if (!childrenOf(restriction, 'saml', 'Audience').some((one) => textOf(one).trim() === audience))
      throw new SamlError('the assertion is for another audience')
}

/** Within NotBefore and NotOnOrAfter, the second of which must stand there. */
function requireNow(node: Element, now_ms: number): void {
  const from = readMoment(attribute(node, 'NotBefore'))
  const until = readMoment(attribute(node, 'NotOnOrAfter'))
  if (from !== null && from - clockSkew_ms > now_ms) throw new SamlError('the assertion is not valid yet')
  if (until === null || until + clockSkew_ms < now_ms) throw new SamlError('the assertion is not valid any more')
}

/**
 * What a checked assertion says.
 * @throws SamlError for a time that cannot be read
 */
export function readAssertion(assertion: Element): SamlAssertion {
  const statements = childrenOf(assertion, 'saml', 'AuthnStatement')
  // Nobody needs the moment, but one that cannot be read makes a message that is not valid.
  for (const statement of statements) readMoment(attribute(statement, 'AuthnInstant'))
  const untils = statements.map((statement) => readMoment(attribute(statement, 'SessionNotOnOrAfter')))
  const conditions = requiredChild(assertion, 'saml', 'Conditions')
  return {
    id: attribute(assertion, 'ID'),
    until_ms: (readMoment(attribute(conditions, 'NotOnOrAfter')) ?? 0) + clockSkew_ms,
    name: nameOf(requiredChild(assertion, 'saml', 'Subject')),
    attributes: childrenOf(assertion, 'saml', 'AttributeStatement')
      .flatMap((statement) => childrenOf(statement, 'saml', 'Attribute'))
      .map((one) => ({
        name: attribute(one, 'Name'),
        friendly_name: attribute(one, 'FriendlyName'),
        values: childrenOf(one, 'saml', 'AttributeValue').map(textOf),
      })),
    session_index: statements.map((statement) => attribute(statement, 'SessionIndex')).find(Boolean) ?? '',
    session_until_ms: untils.find((until) => until !== null) ?? null,
  }
}

/** The name that an element holds, if any. */
export function nameOf(holder: Element): SamlName | null {
  const name = childOf(holder, 'saml', 'NameID')
  if (!name || textOf(name) === '') return null
  return {
    value: textOf(name),
    format: attribute(name, 'Format'),
    name_qualifier: attribute(name, 'NameQualifier'),
    sp_name_qualifier: attribute(name, 'SPNameQualifier'),
  }
}
