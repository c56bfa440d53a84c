// What every message of a SAML provider must fit: issuer, age, status and the request that it answers.
import type { KeyObject } from 'node:crypto'
import type { Element } from '@xmldom/xmldom'
import { attribute, childOf, readMoment, requiredChild, SamlError, textOf } from './parse-xml.ts'

/** What a message has to fit. */
export interface MessageRules {
  /** The entity id of the provider, and the keys that its messages are signed with. */
  issuer: string
  keys: readonly KeyObject[]
  /** The address that the message came to. */
  address: string
  now_ms: number
}

/** What a response has to fit. */
export interface ResponseRules extends MessageRules {
  /** Our own entity id. */
  audience: string
  /** The request that it answers; null where the provider began. */
  request_id: string | null
  decryption_keys: readonly KeyObject[]
}

/** Milliseconds that clocks may differ, and that a message may be old. */
export const clockSkew_ms = 180_000
const maxAge_ms = 90_000

/** Ids of our own requests: an answer to one of them is no sign-in that a provider began (security rule 11). */
const requestIdForm = /^id-[0-9a-f]{40}$/

/** Version, issuer and age, of a message. */
export function checkMessage(message: Element, { issuer, now_ms }: MessageRules): void {
  if (attribute(message, 'Version') !== '2.0') throw new SamlError('the message is not of SAML 2.0')
  const own = childOf(message, 'saml', 'Issuer')
  if (own && textOf(own) !== issuer) throw new SamlError('the message is of another issuer')
  requireFresh(message, now_ms)
}

/** Refuses what is old, and what comes from the future. */
export function requireFresh(message: Element, now_ms: number): void {
  const issued = readMoment(attribute(message, 'IssueInstant'))
  if (issued === null || issued + maxAge_ms < now_ms) throw new SamlError('the message is too old')
  if (issued - clockSkew_ms > now_ms) throw new SamlError('the message is from the future')
}

/** The status of an answer; what is within it is the provider's detail. */
export function requireSuccess(answer: Element): void {
  const code = requiredChild(requiredChild(answer, 'samlp', 'Status'), 'samlp', 'StatusCode')
  const value = attribute(code, 'Value')
  if (value === 'urn:oasis:names:tc:SAML:2.0:status:Success') return
  const detail = childOf(code, 'samlp', 'StatusCode')
  const said = [value, detail ? attribute(detail, 'Value') : ''].map((name) => name.split(':').at(-1)?.slice(0, 64))
  throw new SamlError(`the provider says ${said.filter(Boolean).join(', ')}`)
}

/** Providers that begin may name a request of their own making, as Rippling does, but none of ours. */
export function requireAnswer(in_response_to: string, request_id: string | null): void {
  if (request_id === null ? requestIdForm.test(in_response_to) : in_response_to !== request_id)
    throw new SamlError('the message answers another request')
}
