// Signs by keys of AWS KMS. The AWS SDK finds credentials and endpoint as every program of AWS does; it is an optional package.
import { createHash } from 'node:crypto'
import type { KMSClient } from '@aws-sdk/client-kms'
import { unavailable } from '../errors.ts'
import { type KmsAlgorithm, type KmsSigner, kmsAlgorithms } from './kms-key.ts'
import { createWorkQueue } from './work-queue.ts'

type Fetch = typeof globalThis.fetch

/** Milliseconds for one try, and for a signature with everything that belongs to it. */
const [try_ms, most_ms] = [1500, 4000]
/** So many signatures are asked for at a time, and a request waits so many milliseconds for its turn. */
const [atOnce, queue_ms] = [100, 1000]

/** Makes the signer of a server, whose calls go by `fetch`; nothing is loaded before a key asks for it. */
export function createKmsSigner(fetch: Fetch): KmsSigner {
  const queue = createWorkQueue(atOnce, queue_ms)
  const clients = new Map<string, Promise<KMSClient>>()
  return ({ arn, alg, region }) => {
    requireSdk()
    const client = clients.get(region) ?? openKms(region, fetch)
    clients.set(region, client)
    // Who signs first hears of it.
    client.catch(() => {})
    return async (text) => {
      try {
        return await queue(() => inTime(signByKms(client, arn, alg, text)))
      } catch (error) {
        throw unavailable(error)
      }
    }
  }
}

/** @throws Error that says what to install */
function requireSdk(): void {
  try {
    import.meta.resolve('@aws-sdk/client-kms')
  } catch (cause) {
    const hint = 'install without --omit=optional, or: npm install @aws-sdk/client-kms'
    throw new Error(`a key is held by AWS KMS, and the package @aws-sdk/client-kms is not installed: ${hint}`, {
      cause,
    })
  }
}

/** A client of KMS in a region, with two tries a call. */
async function openKms(region: string, fetch: Fetch): Promise<KMSClient> {
  const sdk = await import('@aws-sdk/client-kms')
  return new sdk.KMSClient({ region, maxAttempts: 2, requestHandler: { handle: sender(fetch) } })
}

/** A signature of KMS, base64url. */
async function signByKms(client: Promise<KMSClient>, arn: string, alg: KmsAlgorithm, text: string): Promise<string> {
  const { name, hash } = kmsAlgorithms[alg]
  const { SignCommand } = await import('@aws-sdk/client-kms')
  const { Signature } = await (await client).send(
    new SignCommand({
      KeyId: arn,
      // KMS reads 4096 bytes at most, and tokens may be longer.
      Message: createHash(hash).update(text).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: name,
    }),
  )
  if (!Signature) throw new Error('AWS KMS answered without a signature')
  return Buffer.from(await joseForm(alg, Signature)).toString('base64url')
}

/** JWS wants r ‖ s of fixed length (RFC 7518 §3.4), KMS gives DER. */
async function joseForm(alg: KmsAlgorithm, signature: Uint8Array): Promise<Uint8Array> {
  if (alg !== 'ES256' && alg !== 'ES512') return signature
  const { p256, p521 } = await import('@noble/curves/nist.js')
  const { Signature } = alg === 'ES256' ? p256 : p521
  return Signature.fromBytes(signature, 'der').toBytes('compact')
}

/** What a request of the SDK is made of. */
interface Call {
  protocol: string
  hostname: string
  port?: number
  path: string
  method: string
  headers: Record<string, string>
  body?: string | Uint8Array
}

/** Sends requests of the SDK as all other calls are sent, so that they are measured and traced. */
const sender = (fetch: Fetch) => async (call: Call) => {
  const { protocol, hostname, port, path, method, body } = call
  // These two are made of address and body anew.
  const { host: _, 'content-length': __, ...headers } = call.headers
  try {
    const response = await fetch(`${protocol}//${hostname}${port ? `:${port}` : ''}${path}`, {
      method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(try_ms),
      ...(body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
    })
    const answer = new Uint8Array(await response.arrayBuffer())
    return { response: { statusCode: response.status, headers: Object.fromEntries(response.headers), body: answer } }
  } catch (cause) {
    // To sign twice harms nobody; the SDK tries again what says that it may be.
    throw Object.assign(new Error('AWS KMS cannot be reached', { cause }), { $retryable: {} })
  }
}

/** Bounds what no try bounds: credentials may come from elsewhere too. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`AWS KMS did not sign within ${most_ms} ms`)), most_ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
