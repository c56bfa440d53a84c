// Calls a hook over HTTP as Standard Webhooks has it: signed, bounded in time and size, tried again with care.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { boundedBytes } from '../bounded-bytes.ts'
import { AuthError } from '../errors.ts'
import { parseExactJson } from '../exact-json.ts'
import { mediaTypeError } from './media-type.ts'
import { misshapen } from './read-reply.ts'
import type { WebhookSigner } from './webhook-signer.ts'

/** Time for a call with all its attempts, in milliseconds. */
const budget_ms = 5000
/** Pause after an attempt that reached nobody, in milliseconds. */
const pause_ms = 2000
const attempts = 3
const maxReplyBytes = 204_800

/** A hook that is called over HTTP, and what the call needs. */
export interface HttpHook {
  uri: string
  /** Value of an Authorization header; `''` is none. */
  authorization: string
  signers: readonly WebhookSigner[]
  fetch: typeof globalThis.fetch
  /** Milliseconds since the epoch. */
  now(): number
}

/** What an attempt gave: the reply (null is none), or a reason to try again. */
type Attempt = { reply: unknown } | { again: 'busy' | 'unreached'; cause?: unknown }

/**
 * Sends the payload and reads the reply: parsed JSON, or null for 204.
 * @throws AuthError 422 `hook_timeout`, `hook_timeout_after_retry` or `hook_payload_over_size_limit`; 400
 * `hook_payload_invalid_content_type`; 500 otherwise
 */
export async function callHttpHook(hook: HttpHook, payload: object): Promise<unknown> {
  const body = JSON.stringify(payload)
  const signal = AbortSignal.timeout(budget_ms)
  try {
    return await callRepeatedly(hook, body, signal)
  } catch (error) {
    if (error instanceof AuthError || !signal.aborted) throw error
    throw timedOut(error)
  }
}

async function callRepeatedly(hook: HttpHook, body: string, signal: AbortSignal): Promise<unknown> {
  for (let count = 1; ; count++) {
    const attempt = await callOnce(hook, body, signal)
    if ('reply' in attempt) return attempt.reply
    if (count < attempts) {
      if (attempt.again === 'unreached') await pause(pause_ms, undefined, { signal })
      continue
    }
    if (attempt.again === 'busy') throw busy()
    const message = 'Failed to reach hook after maximum retries'
    throw new AuthError(422, 'hook_timeout_after_retry', message, { cause: attempt.cause })
  }
}

async function callOnce(hook: HttpHook, body: string, signal: AbortSignal): Promise<Attempt> {
  let response: Response
  try {
    // A redirect is an answer like any other: following it would let a hook point us at addresses within our network.
    response = await hook.fetch(hook.uri, {
      method: 'POST',
      headers: headersOf(hook, body),
      body,
      signal,
      redirect: 'manual',
    })
  } catch (error) {
    if (signal.aborted) throw error
    return { again: 'unreached', cause: error }
  }
  if (response.status === 200 || response.status === 202) return { reply: await readBody(response, signal) }
  await discard(response)
  if (response.status === 204) return { reply: null }
  if (response.status !== 429 && response.status !== 503) throw refused(response.status)
  if (!response.headers.get('retry-after')) throw busy()
  return { again: 'busy' }
}

function headersOf({ authorization, signers, now }: HttpHook, body: string): Record<string, string> {
  const id = randomUUID()
  const timestamp = String(Math.floor(now() / 1000))
  return {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signers.map((sign) => sign(id, timestamp, body)).join(', '),
    ...(authorization && { authorization }),
  }
}

async function readBody(response: Response, signal: AbortSignal): Promise<unknown> {
  const problem = mediaTypeError(response.headers.get('content-type') ?? '')
  if (problem !== null) {
    await discard(response)
    throw new AuthError(400, 'hook_payload_invalid_content_type', problem)
  }
  const bytes = await readBytes(response, signal)
  let reply: unknown
  try {
    reply = parseExactJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    throw misshapen(error)
  }
  // Nothing to say is 204: what comes with a body must be an object.
  if (reply === null) throw misshapen('the reply is null')
  return reply
}

/** Reads no more than the limit, whatever length the hook promised. */
async function readBytes(response: Response, signal: AbortSignal): Promise<Buffer> {
  const bytes = await boundedBytes(response.body, maxReplyBytes).catch((error: unknown) => {
    throw signal.aborted ? error : misshapen(error)
  })
  if (bytes) return bytes
  const message = `Payload size exceeded size limit of ${maxReplyBytes} bytes`
  throw new AuthError(422, 'hook_payload_over_size_limit', message)
}

/** Lets go of a connection whose body nobody reads. */
const discard = (response: Response): Promise<void> => (response.body?.cancel() ?? Promise.resolve()).catch(() => {})

const busy = (): AuthError => new AuthError(500, 'unexpected_failure', 'Service currently unavailable due to hook')

function refused(status: number): AuthError {
  if (status === 400) return new AuthError(500, 'unexpected_failure', 'Invalid payload sent to hook')
  if (status === 401) return new AuthError(500, 'unexpected_failure', 'Hook requires authorization token')
  return new AuthError(500, 'unexpected_failure', `Unexpected status code returned from hook: ${status}`)
}

function timedOut(cause: unknown): AuthError {
  const message = `Failed to reach hook within maximum time of ${(budget_ms / 1000).toFixed(6)} seconds`
  return new AuthError(422, 'hook_timeout', message, { cause })
}
