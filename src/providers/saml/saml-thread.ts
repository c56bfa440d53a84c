// Reads XML of SAML providers on a thread of its own: parsing, canonicalizing and checking a message may take long.
import type { KeyObject } from 'node:crypto'
import { createWorkerThread, workerFile } from '../../crypto/worker-thread.ts'
import type { LogoutRequest } from './accept-logout.ts'
import { type SamlMetadata, SamlMetadataError } from './metadata.ts'
import { SamlError } from './parse-xml.ts'
import type { SamlAssertion } from './read-assertion.ts'

/** What a message is checked against. */
export interface ProviderFacts {
  entity_id: string
  certificates: string[]
  /** The address that the message came to, and our own entity id. */
  address: string
  audience: string
  now_ms: number
}

/** Messages that providers send by way of a browser. */
type MessageName = 'Response' | 'LogoutRequest' | 'LogoutResponse'

/** A question to the thread. */
export type SamlQuestion =
  | { kind: 'metadata'; xml: string }
  | { kind: 'issuer'; message: string; names: readonly MessageName[] }
  | { kind: 'response'; message: string; provider: ProviderFacts; request_id: string | null }
  | { kind: 'logout request'; message: string; provider: ProviderFacts }
  | { kind: 'logout response'; message: string; provider: ProviderFacts; request_id: string }
  | { kind: 'artifact'; envelope: string; resolve_id: string; provider: ProviderFacts; request_id: string | null }

/** What came of it. */
export type Answered<Value> =
  | { value: Value; problem?: undefined }
  | { problem: 'form' | 'content' | 'base64' | 'xml'; reason: string }

/** Every method fails with AuthError 503 when the thread is gone or stays busy. */
export interface SamlThread {
  /** @throws SamlMetadataError */
  readMetadata(xml: string): Promise<SamlMetadata>
  /** The provider that a message in base64 tells of, unproved; '' when it tells of none. The message has one of the names. */
  readIssuer(message: string, ...names: MessageName[]): Promise<Answered<string>>
  /** @throws SamlError */
  acceptResponse(message: string, provider: ProviderFacts, request_id: string | null): Promise<SamlAssertion>
  /** @throws SamlError */
  acceptArtifact(
    envelope: string,
    resolve_id: string,
    provider: ProviderFacts,
    request_id: string | null,
  ): Promise<SamlAssertion>
  /** @throws SamlError */
  acceptLogoutRequest(message: string, provider: ProviderFacts): Promise<LogoutRequest>
  /** @throws SamlError */
  acceptLogoutResponse(message: string, provider: ProviderFacts, request_id: string): Promise<void>
  prepare(): void
  close(): Promise<void>
}

/** Milliseconds that one message may take, and documents of providers that are kept as read. */
const limit_ms = 5000
const maxKept = 64

/** Makes the reader; assertions may be encrypted for the keys. */
export function createSamlThread(decryption_keys: KeyObject[]): SamlThread {
  const thread = createWorkerThread<SamlQuestion>(workerFile('saml-worker', import.meta.url), {
    name: 'SAML',
    concurrency: 1,
    memory_mb: 256,
    limit_ms,
    // As text, since not every runtime hands keys to a thread.
    data: { keys: decryption_keys.map((key) => key.export({ type: 'pkcs8', format: 'pem' })) },
  })
  const kept = new Map<string, SamlMetadata>()
  const ask = (question: SamlQuestion) => thread.ask(question) as Promise<Answered<unknown>>
  const accept = async <Value>(question: SamlQuestion): Promise<Value> => {
    const answered = await ask(question)
    if (answered.problem !== undefined) throw new SamlError(answered.reason)
    return answered.value as Value
  }
  return {
    async readMetadata(xml) {
      const known = kept.get(xml)
      if (known) return known
      const answered = await ask({ kind: 'metadata', xml })
      if (answered.problem !== undefined)
        throw new SamlMetadataError(answered.problem === 'content' ? 'content' : 'form', answered.reason)
      for (const oldest of kept.keys()) if (kept.size >= maxKept) kept.delete(oldest)
      kept.set(xml, answered.value as SamlMetadata)
      return answered.value as SamlMetadata
    },
    readIssuer: async (message, ...names) => (await ask({ kind: 'issuer', message, names })) as Answered<string>,
    acceptResponse: (message, provider, request_id) => accept({ kind: 'response', message, provider, request_id }),
    acceptArtifact: (envelope, resolve_id, provider, request_id) =>
      accept({ kind: 'artifact', envelope, resolve_id, provider, request_id }),
    acceptLogoutRequest: (message, provider) => accept({ kind: 'logout request', message, provider }),
    acceptLogoutResponse: (message, provider, request_id) =>
      accept({ kind: 'logout response', message, provider, request_id }),
    prepare: thread.prepare,
    close: thread.close,
  }
}
