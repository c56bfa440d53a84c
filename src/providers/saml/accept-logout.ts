// Single logout (SAML Profiles §4.4): what a provider's requests and answers must be like, and whose session they end.
import type { Element } from '@xmldom/xmldom'
import { checkMessage, clockSkew_ms, type MessageRules, requireSuccess } from './message-rules.ts'
import { attribute, childrenOf, parseXml, readMoment, requireNamed, SamlError, textOf } from './parse-xml.ts'
import { nameOf, type SamlName } from './read-assertion.ts'
import { signedElement } from './signed-element.ts'

/** A request to end sessions. */
export interface LogoutRequest {
  id: string
  /** Milliseconds since the epoch from which on nobody accepts it. */
  until_ms: number
  name: SamlName
  /** The provider's names of sessions; none for all of the person. */
  session_indexes: string[]
}

/**
 * A provider's request, all of which is signed.
 * @throws SamlError
 */
export function acceptLogoutRequest(xml: string, rules: MessageRules): LogoutRequest {
  const request = signedMessage(xml, 'LogoutRequest', rules)
  const name = nameOf(request)
  if (!name) throw new SamlError('the request names nobody')
  const until = readMoment(attribute(request, 'NotOnOrAfter'))
  if (until !== null && until + clockSkew_ms < rules.now_ms) throw new SamlError('the request is not valid any more')
  return {
    id: attribute(request, 'ID'),
    until_ms: (until ?? rules.now_ms) + clockSkew_ms,
    name,
    session_indexes: childrenOf(request, 'samlp', 'SessionIndex').map(textOf),
  }
}

/**
 * Checks a provider's answer to a request of ours.
 * @throws SamlError, also where the provider could not end its session
 */
export function acceptLogoutResponse(xml: string, request_id: string, rules: MessageRules): void {
  const response = signedMessage(xml, 'LogoutResponse', rules)
  if (attribute(response, 'InResponseTo') !== request_id) throw new SamlError('the message answers another request')
  requireSuccess(response)
}

function signedMessage(xml: string, name: string, rules: MessageRules): Element {
  const message = signedElement(requireNamed(parseXml(xml), 'samlp', name), rules.keys)
  if (!message) throw new SamlError('the message is not signed')
  checkMessage(message, rules)
  if (attribute(message, 'Destination') !== rules.address) throw new SamlError('the message is for another destination')
  return message
}
