// The thread that reads XML of SAML providers.
import { createPrivateKey } from 'node:crypto'
import { workerData } from 'node:worker_threads'
import { answerQuestions } from '../../crypto/answer-questions.ts'
import { acceptLogoutRequest, acceptLogoutResponse } from './accept-logout.ts'
import { acceptArtifact, acceptResponse } from './accept-response.ts'
import type { ResponseRules } from './message-rules.ts'
import { readSamlMetadata, SamlMetadataError } from './metadata.ts'
import { childOf, isNamed, parseXml, readBase64, SamlError, textOf } from './parse-xml.ts'
import type { Answered, ProviderFacts, SamlQuestion } from './saml-thread.ts'
import { keysOf } from './signed-element.ts'

const decryption_keys = (workerData as { keys: string[] }).keys.map((pem) => createPrivateKey(pem))

answerQuestions(answer)

function answer(question: SamlQuestion): Answered<unknown> {
  try {
    return { value: read(question) }
  } catch (error) {
    if (error instanceof SamlMetadataError) return { problem: error.kind, reason: error.message }
    if (error instanceof NoBase64) return { problem: 'base64', reason: error.message }
    return { problem: 'xml', reason: error instanceof SamlError ? error.message : 'the message cannot be read' }
  }
}

function read(question: SamlQuestion): unknown {
  switch (question.kind) {
    case 'metadata':
      return readSamlMetadata(question.xml)
    case 'issuer':
      return issuerOf(xmlOf(question.message), question.names)
    case 'response':
      return acceptResponse(xmlOf(question.message), rulesOf(question.provider, question.request_id))
    case 'logout request':
      return acceptLogoutRequest(xmlOf(question.message), rulesOf(question.provider, null))
    case 'logout response':
      return acceptLogoutResponse(xmlOf(question.message), question.request_id, rulesOf(question.provider, null))
    case 'artifact':
      return acceptArtifact(question.envelope, question.resolve_id, rulesOf(question.provider, question.request_id))
  }
}

class NoBase64 extends Error {}

/** The XML of a message as forms carry it (SAML Bindings §3.5.4). */
function xmlOf(message: string): string {
  const bytes = readBase64(message)
  if (!bytes) throw new NoBase64('the message is no base64')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SamlError('the message is no UTF-8')
  }
}

/** The provider that a message of one of the names tells of, unproved. */
function issuerOf(xml: string, names: readonly string[]): string {
  const root = parseXml(xml)
  if (!names.some((name) => isNamed(root, 'samlp', name))) throw new SamlError('the message is of no known kind')
  const issuer = childOf(root, 'saml', 'Issuer')
  return issuer ? textOf(issuer) : ''
}

const rulesOf = (provider: ProviderFacts, request_id: string | null): ResponseRules => ({
  issuer: provider.entity_id,
  keys: keysOf(provider.certificates),
  address: provider.address,
  audience: provider.audience,
  now_ms: provider.now_ms,
  request_id,
  decryption_keys,
})
