// AWS KMS on loopback: speaks its JSON protocol, checks who asks by their signature (SigV4), and signs with real keys.
import {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  privateEncrypt,
} from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { p256, p521 } from '@noble/curves/nist.js'

/** A key as KMS knows it. */
export interface FakeKey {
  private_key: KeyObject
  /** What it may be used for; SIGN_VERIFY by default. */
  usage?: string
  is_disabled?: boolean
}

/** What was asked for. */
export interface KmsCall {
  operation: string
  input: Record<string, string>
  headers: IncomingHttpHeaders
}

/** A running KMS. */
export interface FakeKms {
  url: string
  /** Keys by ARN. */
  keys: Map<string, FakeKey>
  calls: KmsCall[]
  /** Called before each answer, which waits for it; what it throws is the answer. */
  before: (call: KmsCall) => Promise<void>
  /** Variables of a process that may use it. */
  env: Record<string, string>
  stop(): Promise<void>
}

/** An error of KMS. */
export class KmsFault extends Error {
  readonly status: number

  constructor(type: string, status = 400) {
    super(type)
    this.status = status
  }
}

/** The ARN of a key in us-east-2. */
export const arnOf = (id: string): string => `arn:aws:kms:us-east-2:111122223333:key/${id}`

/** The JWK of a key in KMS: its public members and its ARN. */
export const kmsJwk = (arn: string, alg: string, kid: string, { private_key }: FakeKey): JsonWebKey => ({
  ...createPublicKey(private_key).export({ format: 'jwk' }),
  ...{ alg, kid, use: 'sig', key_ops: ['sign', 'verify'], 'aws:kms:arn': arn },
})

const [access_key, secret_key] = ['AKIDEXAMPLE', 'an example of a secret access key']
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Whether the holder of the access key signed the request (Signature Version 4). */
function isSigned({ headers, method = '', url = '/' }: IncomingMessage, body: Buffer): boolean {
  const form =
    /Credential=(\w+)\/((\d{8})\/([a-z0-9-]+)\/kms\/aws4_request), SignedHeaders=([a-z0-9;-]+), Signature=(\w+)/
  const [, id, scope = '', day = '', region = '', names = '', signature] = form.exec(headers.authorization ?? '') ?? []
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`)
  const request = [method, url, '', lines.join(''), names, sha256(body)].join('\n')
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(request)].join('\n')
  const key = [day, region, 'kms', 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secret_key}`))
  return id === access_key && names.split(';').includes('host') && hmac(key, text).toString('hex') === signature
}

interface Signing {
  spec: string
  sign(key: KeyObject, digest: Buffer): Uint8Array
}

/** RSASSA-PKCS1-v1_5 of a digest (RFC 8017 §9.2); `info` is the DigestInfo in front of it. */
const rsa = (info: string): Signing => ({
  spec: 'RSA_2048',
  sign: (key, digest) =>
    privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([Buffer.from(info, 'hex'), digest])),
})
const ecdsa = (spec: string, curve: typeof p256): Signing => ({
  spec,
  sign: (key, digest) =>
    curve.sign(digest, Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'), {
      prehash: false,
      lowS: false,
      format: 'der',
    }),
})
const signings: Record<string, Signing> = {
  RSASSA_PKCS1_V1_5_SHA_256: rsa('3031300d060960864801650304020105000420'),
  RSASSA_PKCS1_V1_5_SHA_512: rsa('3051300d060960864801650304020305000440'),
  ECDSA_SHA_256: ecdsa('ECC_NIST_P256', p256),
  ECDSA_SHA_512: ecdsa('ECC_NIST_P521', p521),
}

/** The spec of a key, as KMS names it. */
function specOf({ private_key }: FakeKey): string {
  if (private_key.asymmetricKeyType === 'rsa') return 'RSA_2048'
  return private_key.asymmetricKeyDetails?.namedCurve === 'secp521r1' ? 'ECC_NIST_P521' : 'ECC_NIST_P256'
}

function answer({ operation, input }: KmsCall, keys: FakeKms['keys']): object {
  const key = keys.get(input.KeyId ?? '')
  if (!key) throw new KmsFault('NotFoundException')
  const { usage = 'SIGN_VERIFY' } = key
  const fitting = Object.entries(signings).filter(([, { spec }]) => spec === specOf(key))
  if (operation === 'GetPublicKey') {
    const PublicKey = createPublicKey(key.private_key).export({ type: 'spki', format: 'der' }).toString('base64')
    return { PublicKey, KeySpec: specOf(key), KeyUsage: usage, SigningAlgorithms: fitting.map(([name]) => name) }
  }
  if (operation !== 'Sign') throw new KmsFault('UnknownOperationException')
  if (key.is_disabled) throw new KmsFault('DisabledException')
  const [, signing] = fitting.find(([name]) => name === input.SigningAlgorithm) ?? []
  if (usage !== 'SIGN_VERIFY' || !signing) throw new KmsFault('InvalidKeyUsageException')
  const digest = Buffer.from(input.Message ?? '', 'base64')
  if (input.MessageType !== 'DIGEST' || ![32, 64].includes(digest.length)) throw new KmsFault('ValidationException')
  return { KeyId: input.KeyId, Signature: Buffer.from(signing.sign(key.private_key, digest)).toString('base64') }
}

/** Starts it without keys. */
export async function startFakeKms(): Promise<FakeKms> {
  const keys: FakeKms['keys'] = new Map()
  const calls: KmsCall[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request))
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
    const call = { operation, input: JSON.parse(body.toString()), headers: request.headers }
    calls.push(call)
    let [status, told]: [number, object] = [200, {}]
    try {
      await kms.before(call)
      if (!isSigned(request, body)) throw new KmsFault('InvalidSignatureException')
      told = answer(call, keys)
    } catch (error) {
      status = error instanceof KmsFault ? error.status : 500
      told = { __type: error instanceof Error ? error.message : '', message: 'as the test wants it' }
    }
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(told))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const kms: FakeKms = {
    url,
    keys,
    calls,
    before: async () => {},
    env: { AWS_ENDPOINT_URL_KMS: url, AWS_ACCESS_KEY_ID: access_key, AWS_SECRET_ACCESS_KEY: secret_key },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return kms
}
