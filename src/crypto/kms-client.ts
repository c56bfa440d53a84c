// How AWS KMS is spoken with. The AWS SDK finds credentials and endpoint as every program of AWS does; it is an optional package.
import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto'
import type { KMSClient } from '@aws-sdk/client-kms'
import { type KmsAlgorithm, kmsAlgorithms } from './kms-key.ts'

type Fetch = typeof globalThis.fetch

/** Milliseconds for one try. */
const try_ms = 1500

/** A client of KMS in a region, with two tries a call. */
export async function openKms(region: string, fetch: Fetch): Promise<KMSClient> {
  const sdk = await import('@aws-sdk/client-kms')
  return new sdk.KMSClient({ region, maxAttempts: 2, requestHandler: { handle: sender(fetch) } })
}

/** A signature of KMS, base64url. */
export async function signByKms(
  client: Promise<KMSClient>,
  arn: string,
  alg: KmsAlgorithm,
  text: string,
): Promise<string> {
  const { name, hash } = kmsAlgorithms[alg]
  const [kms, { SignCommand }] = await Promise.all([client, import('@aws-sdk/client-kms')])
  const { Signature } = await kms.send(
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

/** What KMS says of a key. */
export interface KmsDescription {
  /** Its public members. */
  jwk: JsonWebKey
  /** As in RSA_2048 or ECC_NIST_P256. */
  spec: string
  /** As in SIGN_VERIFY. */
  usage: string
}

/** What KMS says of a key; needs the right kms:GetPublicKey, which nobody needs to sign. */
export async function describeKmsKey(client: Promise<KMSClient>, arn: string): Promise<KmsDescription> {
  const [kms, { GetPublicKeyCommand }] = await Promise.all([client, import('@aws-sdk/client-kms')])
  const { PublicKey, KeySpec = '', KeyUsage = '' } = await kms.send(new GetPublicKeyCommand({ KeyId: arn }))
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' })
  return { jwk: key.export({ format: 'jwk' }), spec: KeySpec, usage: KeyUsage }
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
