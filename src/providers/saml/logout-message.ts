// Messages of single logout that this server sends (SAML Core §3.7), by the bindings that providers take.

import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import type { SamlService } from './metadata.ts'
import type { SamlName } from './read-assertion.ts'
import type { ServiceProvider } from './service-provider.ts'
import { canonicalAttribute, canonicalText, type OwnMessage, signedMessage } from './signed-message.ts'

/** A message on its way: an address to go to, or a form to be sent there. */
export type Sent = { address: string; form: Record<string, string> | null }

/** The service of a provider for messages of logout: a redirect where it takes one, else a form. */
export const logoutService = (services: readonly SamlService[]): SamlService | null =>
  services.find(({ binding }) => binding === 'HTTP-Redirect') ??
  services.find(({ binding }) => binding === 'HTTP-POST') ??
  null

/** The request to end a person's session. */
export function logoutRequest(
  provider: ServiceProvider,
  request: {
    id: string
    service: SamlService
    name: SamlName
    session_index: string
    relay_state: string
    now_ms: number
  },
): Sent {
  const { id, service, name, session_index, relay_state, now_ms } = request
  const qualifiers = [
    ['Format', name.format],
    ['NameQualifier', name.name_qualifier],
    ['SPNameQualifier', name.sp_name_qualifier],
  ].map(([key, value]) => (value ? ` ${key}="${canonicalAttribute(value)}"` : ''))
  const index = session_index === '' ? '' : `<samlp:SessionIndex>${canonicalText(session_index)}</samlp:SessionIndex>`
  const message: OwnMessage = {
    name: 'LogoutRequest',
    id,
    attributes: { NotOnOrAfter: new Date(now_ms + 300_000).toISOString() },
    content: `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"${qualifiers.join('')}>${canonicalText(name.value)}</saml:NameID>${index}`,
    address: service.address,
    now_ms,
  }
  return send(provider, service, message, 'SAMLRequest', relay_state)
}

/** The answer to a provider's request, whose sessions are ended. */
export function logoutResponse(
  provider: ServiceProvider,
  response: { id: string; service: SamlService; in_response_to: string; relay_state: string; now_ms: number },
): Sent {
  const { id, service, in_response_to, relay_state, now_ms } = response
  const message: OwnMessage = {
    name: 'LogoutResponse',
    id,
    attributes: { InResponseTo: in_response_to },
    content:
      '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>',
    address: service.response_address,
    now_ms,
  }
  return send(provider, service, message, 'SAMLResponse', relay_state)
}

function send(
  provider: ServiceProvider,
  { binding }: SamlService,
  message: OwnMessage,
  parameter: string,
  relay_state: string,
): Sent {
  const xml = signedMessage(provider, message, binding !== 'HTTP-Redirect')
  const { address } = message
  const relay: Record<string, string> = relay_state === '' ? {} : { RelayState: relay_state }
  if (binding !== 'HTTP-Redirect')
    return { address, form: { [parameter]: Buffer.from(xml).toString('base64'), ...relay } }
  const signed = new URLSearchParams({
    [parameter]: deflateRawSync(xml).toString('base64'),
    ...relay,
    SigAlg: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  }).toString()
  const signature = sign('sha256', Buffer.from(signed), provider.key).toString('base64')
  const mark = address.includes('?') ? '&' : '?'
  return { address: `${address}${mark}${signed}&Signature=${encodeURIComponent(signature)}`, form: null }
}
