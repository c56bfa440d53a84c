// An authenticator in software: keys of every algorithm, user verification on or off, a counter, and every way to be wrong.
import { constants, createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()
const b64 = (data: Uint8Array | string) => Buffer.from(data).toString('base64url')
const bytes = (text: unknown) => Buffer.from(String(text), 'base64url')

type Cose = Map<number, number | Buffer>
interface Algorithm {
  make: () => { publicKey: KeyObject; privateKey: KeyObject }
  cose: (jwk: Record<string, unknown>) => Cose
  sign: (key: KeyObject, data: Buffer) => Buffer
}

const ec = (alg: number, curve: number, name: string, hash: string): Algorithm => ({
  make: () => generateKeyPairSync('ec', { namedCurve: name }),
  cose: ({ x, y }) =>
    new Map<number, number | Buffer>([
      [1, 2],
      [3, alg],
      [-1, curve],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]),
  sign: (key, data) => sign(hash, data, key),
})
const rsa = (alg: number, hash: string, pss = 0): Algorithm => ({
  make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  cose: ({ n, e }) =>
    new Map<number, number | Buffer>([
      [1, 3],
      [3, alg],
      [-1, bytes(n)],
      [-2, bytes(e)],
    ]),
  sign: (key, data) =>
    sign(hash, data, pss > 0 ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss } : key),
})

/** Algorithms by name; ES256K is one that no server offers. */
export const algorithms = {
  ES256: ec(-7, 1, 'P-256', 'sha256'),
  ES384: ec(-35, 2, 'P-384', 'sha384'),
  ES512: ec(-36, 3, 'P-521', 'sha512'),
  RS256: rsa(-257, 'sha256'),
  RS384: rsa(-258, 'sha384'),
  RS512: rsa(-259, 'sha512'),
  PS256: rsa(-37, 'sha256', 32),
  PS384: rsa(-38, 'sha384', 48),
  PS512: rsa(-39, 'sha512', 64),
  EdDSA: {
    make: () => generateKeyPairSync('ed25519'),
    cose: ({ x }) =>
      new Map<number, number | Buffer>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, bytes(x)],
      ]),
    sign: (key, data) => sign(null, data, key),
  },
  ES256K: ec(-47, 8, 'secp256k1', 'sha256'),
} as const satisfies Record<string, Algorithm>

/** What an answer says otherwise than it should. */
export interface Changes {
  origin?: string
  rp_id?: string
  challenge?: string
  type?: string
  flags?: number
  user_handle?: string | null
  sign_count?: number
  bad_signature?: boolean
  /** The whole attestation object, or what follows the flags and counter. */
  attestation?: Buffer
  cose?: Map<number, unknown>
  extra?: Record<string, unknown>
  fmt?: string
  att_stmt?: (signed: Buffer) => Map<string, unknown>
}

interface CreationOptions {
  challenge: string
  user: { id: string }
}

/** An authenticator with one credential. */
export class TestAuthenticator {
  readonly id = randomBytes(32)
  readonly key: { publicKey: KeyObject; privateKey: KeyObject }
  sign_count = 0
  user_handle: string | null = null
  readonly origin: string
  readonly rp_id: string
  readonly aaguid: Buffer
  readonly algorithm: Algorithm
  /** User present and verified; 0x08 and 0x10 are backup eligible and backed up. */
  readonly flags: number

  constructor(
    given: {
      algorithm?: keyof typeof algorithms
      origin?: string
      rp_id?: string
      aaguid?: string
      flags?: number
    } = {},
  ) {
    this.algorithm = algorithms[given.algorithm ?? 'ES256']
    this.key = this.algorithm.make()
    this.origin = given.origin ?? 'http://app.example.test'
    this.rp_id = given.rp_id ?? 'app.example.test'
    this.aaguid = Buffer.from((given.aaguid ?? '0'.repeat(32)).replaceAll('-', ''), 'hex')
    this.flags = given.flags ?? 0x05
  }

  /** Answers creation options, as the browser's `toJSON` writes it. */
  create(options: unknown, changes: Changes = {}): Record<string, unknown> {
    const { challenge, user } = options as CreationOptions
    this.user_handle = user.id
    const clientDataJSON = this.#clientData('webauthn.create', challenge, changes)
    const cose = changes.cose ?? this.algorithm.cose(this.key.publicKey.export({ format: 'jwk' }) as never)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.id.length)
    const authData = Buffer.concat([
      this.#authData({ ...changes, flags: changes.flags ?? this.flags | 0x40 }),
      this.aaguid,
      length,
      this.id,
      cbor(cose),
    ])
    const signed = Buffer.concat([authData, sha256(clientDataJSON)])
    const object = new Map<string, unknown>([
      ['fmt', changes.fmt ?? 'none'],
      ['attStmt', changes.att_stmt?.(signed) ?? new Map()],
      ['authData', authData],
    ])
    return this.#credential({
      clientDataJSON: b64(clientDataJSON),
      attestationObject: b64(changes.attestation ?? cbor(object)),
      transports: ['internal'],
      ...changes.extra,
    })
  }

  /** Answers request options. */
  get(options: unknown, changes: Changes = {}): Record<string, unknown> {
    const { challenge } = options as CreationOptions
    this.sign_count += 1
    const authData = this.#authData(changes)
    const clientDataJSON = this.#clientData('webauthn.get', challenge, changes)
    const signature = this.sign(Buffer.concat([authData, sha256(clientDataJSON)]))
    const last = signature.length - 1
    if (changes.bad_signature) signature[last] = (signature[last] ?? 0) ^ 1
    const user_handle = changes.user_handle === undefined ? this.user_handle : changes.user_handle
    return this.#credential({
      clientDataJSON: b64(clientDataJSON),
      authenticatorData: b64(authData),
      signature: b64(signature),
      ...(user_handle !== null && { userHandle: user_handle }),
      ...changes.extra,
    })
  }

  /** A signature with the credential's key. */
  sign = (data: Buffer): Buffer => this.algorithm.sign(this.key.privateKey, data)

  #clientData(type: string, challenge: string, changes: Changes): string {
    const { origin = this.origin } = changes
    return JSON.stringify({
      type: changes.type ?? type,
      challenge: changes.challenge ?? challenge,
      origin,
      crossOrigin: false,
    })
  }

  #authData({ rp_id = this.rp_id, flags = this.flags, sign_count = this.sign_count }: Changes): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(sign_count)
    return Buffer.concat([sha256(rp_id), Buffer.from([flags]), count])
  }

  #credential(response: Record<string, unknown>): Record<string, unknown> {
    const id = b64(this.id)
    return {
      id,
      rawId: id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response,
    }
  }
}

/** CBOR of what WebAuthn needs (RFC 8949). */
export function cbor(value: unknown): Buffer {
  const head = (major: number, n: number) => {
    if (n < 24) return Buffer.from([(major << 5) | n])
    if (n < 0x100) return Buffer.from([(major << 5) | 24, n])
    return Buffer.from([(major << 5) | 25, n >> 8, n & 255])
  }
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  const map = value as Map<unknown, unknown>
  return Buffer.concat([head(5, map.size), ...[...map].flatMap(([key, member]) => [cbor(key), cbor(member)])])
}
