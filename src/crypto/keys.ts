// The keys that sign and check tokens: GOTRUE_JWT_SECRET, or the JWKs of GOTRUE_JWT_KEYS (RFC 7517).
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type JsonWebKey,
} from 'node:crypto'
import { isJsonObject } from '../json-values.ts'
import { type Algorithm, algorithms, isAlgorithm, verifierOf } from './algorithms.ts'
import { type KmsSigner, kmsMember, readKmsKey } from './kms-key.ts'
import { heldKey, type OwnKey, ownKey, type SigningKey } from './signing-key.ts'

/** A key that checks tokens of one algorithm. */
export interface VerificationKey {
  alg: Algorithm
  verify(text: string, signature: Buffer): boolean
}

/** A public key as it is published. */
export type PublicJwk = JsonWebKey & { alg: Algorithm; use: 'sig'; key_ops: ['verify']; kid?: string }

/** All keys of a server. */
export interface KeyRing {
  signing: SigningKey
  /** Signs ID tokens, which applications check by its published half: `signing` where it has one, else a key of its own. */
  id_tokens: SigningKey
  /** Keys of GOTRUE_JWT_KEYS by name; a nameless one is under `''`. */
  by_kid: ReadonlyMap<string, VerificationKey>
  /** GOTRUE_JWT_SECRET: checks HS256 tokens whose `kid` names no other key; null when it is empty. */
  secret: VerificationKey | null
  valid_methods: ReadonlySet<string>
  published: readonly PublicJwk[]
}

/** Values of GOTRUE_JWT_SECRET, _KEY_ID, _KEYS and _VALID_METHODS. */
export interface KeySettings {
  secret: string
  key_id: string
  keys_json: string
  valid_methods: readonly string[]
  /** What the key for ID tokens is derived from where `signing` cannot be published; the secret unless given. */
  id_token_material?: string
  /** A private JWK that signs ID tokens whatever else there is; none when empty. */
  id_token_key?: string
  /** Signs by keys of AWS KMS; without it they are only looked at. */
  kms?: KmsSigner
}

/** Where keys are read and nothing is signed. */
const noKms: KmsSigner = (key) => () => Promise.reject(new Error(`${key.arn} is held by AWS KMS`))

/**
 * Reads the keys once, so that no request does.
 * @throws Error that says what is wrong with GOTRUE_JWT_KEYS; the caller puts the name of the variable in front
 */
export function loadKeys(settings: KeySettings): KeyRing {
  const { secret, key_id, keys_json, valid_methods, id_token_material, id_token_key = '', kms = noKms } = settings
  // An empty secret would let anybody sign; without one, HS256 tokens of unknown names are refused.
  const shared = secret === '' ? null : loadShared(Buffer.from(secret), key_id)
  const loaded = loadJwks(keys_json, kms)
  const candidates = loaded.length === 0 ? [shared?.signing] : loaded.map(({ signing }) => signing)
  const [signing, ...more] = candidates.filter((key) => key !== undefined)
  if (!signing) throw new Error('no signing key detected')
  if (more.length > 0) throw new Error('multiple signing keys detected, only 1 signing key is supported')
  const own = loaded.length > 0 ? loaded.flatMap(({ checks }) => checks?.alg ?? []) : [signing.alg]
  // Applications know these two; all others get a key of their own for what they check.
  const fits = signing.alg === 'RS256' || signing.alg === 'ES256'
  const derived = !fits && id_token_material ? derivedKey(id_token_material) : null
  const id_tokens = id_token_key === '' ? derived : readIdTokenKey(id_token_key, kms)
  return {
    signing,
    id_tokens: id_tokens?.signing ?? signing,
    by_kid: new Map(loaded.map(({ kid, checks }) => [kid, checks ?? checksNothing])),
    secret: shared?.checks ?? null,
    valid_methods: new Set(valid_methods.length > 0 ? valid_methods : own),
    published: [...loaded, ...(id_tokens ? [id_tokens] : [])].flatMap(({ published }) => published ?? []),
  }
}

/**
 * Reads the key of POSTERN_OAUTH_ID_TOKEN_KEY.
 * @throws Error that says what is wrong with it
 */
export function readIdTokenKey(text: string, kms = noKms): LoadedKey {
  const [jwk = {}] = parseList(`[${text}]`)
  if (jwk.alg !== 'RS256' && jwk.alg !== 'ES256') throw new Error('its alg must be RS256 or ES256')
  if (typeof jwk.kid !== 'string' || jwk.kid === '') throw new Error('it needs a kid')
  try {
    return loadKeyPair(jwk, jwk.alg, jwk.kid, kms)
  } catch (error) {
    throw new Error(error instanceof KeyProblem ? error.message : 'it is not a private JWK')
  }
}

/** The key set for `/.well-known/jwks.json` (RFC 7517 §5): public members only, HMAC keys left out. */
export const publicJwks = (ring: KeyRing): { keys: PublicJwk[] } => ({ keys: [...ring.published] })

interface LoadedKey {
  kid: string
  checks?: VerificationKey
  signing?: SigningKey
  published?: PublicJwk
}

/** Stands for a JWK that names no algorithm: its name stays taken, so that nothing else answers to it (JWT-03). */
const checksNothing: VerificationKey = { alg: 'HS256', verify: () => false }

type Jwk = Record<string, unknown>

function loadJwks(keys_json: string, kms: KmsSigner): LoadedKey[] {
  const kids = new Set<string>()
  return parseList(keys_json).map((jwk) => {
    const kid = typeof jwk.kid === 'string' ? jwk.kid : ''
    // One of the two would silently check nothing.
    if (kids.has(kid)) throw new Error(kid === '' ? 'two keys have no kid' : `two keys have the kid ${kid}`)
    kids.add(kid)
    return loadJwk(jwk, kid, kms)
  })
}

/** Whether a value of GOTRUE_JWT_KEYS holds no key, as `[]` in composed files: the secret signs. */
export const listsNoKey = (text: string): boolean => /^\s*(null|\[\s*\])?\s*$/.test(text)

function parseList(text: string): Jwk[] {
  if (listsNoKey(text)) return []
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    // The parser's own message may quote a private key.
    throw new Error('the value is not JSON')
  }
  if (!Array.isArray(list) || !list.every(isJsonObject)) throw new Error('the value is not a list of JWKs')
  return list
}

function loadJwk(jwk: Jwk, kid: string, kms: KmsSigner): LoadedKey {
  const name = kid === '' ? 'a key without kid' : `the key ${kid}`
  const signs = Array.isArray(jwk.key_ops) && jwk.key_ops.includes('sign')
  try {
    if (jwk.kty === 'oct') return loadOct(jwk, kid, signs)
    if (isAlgorithm(jwk.alg)) return loadKeyPair(jwk, jwk.alg, kid, signs && kms)
  } catch (error) {
    throw new Error(`${name} is not usable: ${error instanceof KeyProblem ? error.message : 'it is not a valid JWK'}`)
  }
  if (signs) throw new Error(`${name} cannot sign: its alg must be one of ${Object.keys(algorithms).join(', ')}`)
  return { kid }
}

function loadOct(jwk: Jwk, kid: string, signs: boolean): LoadedKey {
  const bytes = Buffer.from(typeof jwk.k === 'string' ? jwk.k : '', 'base64url')
  if (bytes.length === 0) throw new KeyProblem('k is empty')
  const { checks, signing } = loadShared(bytes, kid)
  return { kid, checks, ...(signs && { signing }) }
}

function loadShared(bytes: Buffer, kid: string): { checks: VerificationKey; signing: OwnKey } {
  const key = createSecretKey(bytes)
  return { checks: { alg: 'HS256', verify: verifierOf('HS256', key) }, signing: ownKey('HS256', kid, key) }
}

/** @param kms false for a key that only checks */
function loadKeyPair(jwk: Jwk, alg: Algorithm, kid: string, kms: KmsSigner | false): LoadedKey {
  const { kty, crv } = algorithms[alg]
  if (jwk.kty !== kty || (crv !== undefined && jwk.crv !== crv)) throw new KeyProblem(`it is no key for ${alg}`)
  const format = 'jwk'
  const publicKey = createPublicKey({ key: publicMembers(jwk), format })
  // RFC 7518 §3.3.
  if (kty === 'RSA' && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw new KeyProblem('RSA keys need at least 2048 bits')
  const checks = { alg, verify: verifierOf(alg, publicKey) }
  const published: PublicJwk = {
    ...publicKey.export({ format }),
    alg,
    use: 'sig',
    key_ops: ['verify'],
    ...(kid !== '' && { kid }),
  }
  if (!kms) return { kid, checks, published }
  if (kmsMember in jwk) {
    const held = readKmsKey(jwk[kmsMember], alg)
    if (typeof held === 'string') throw new KeyProblem(held)
    return { kid, checks, signing: heldKey(held, kid, checks.verify, kms), published }
  }
  const signing = ownKey(alg, kid, createPrivateKey({ key: jwk, format }))
  const probe = 'a private key must fit what is published of it'
  if (!checks.verify(probe, Buffer.from(signing.sign(probe), 'base64url')))
    throw new KeyProblem('its private part does not fit its public part')
  return { kid, checks, signing, published }
}

/** A key pair that every server with the same secret has, so that none has to be stored (RFC 5869; FIPS 186-5 A.2.1). */
function derivedKey(material: string): LoadedKey {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const bytes = Buffer.from(hkdfSync('sha256', material, '', 'postern id tokens v1', 48))
  const scalar = (BigInt(`0x${bytes.toString('hex')}`) % (order - 1n)) + 1n
  const d = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(d)
  const point = pair.getPublicKey()
  const text = (part: Buffer) => part.toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: text(point.subarray(1, 33)), y: text(point.subarray(33)), d: text(d) }
  const kid = createHash('sha256').update(point).digest('base64url').slice(0, 16)
  return loadKeyPair(jwk, 'ES256', kid, noKms)
}

const publicMembers = ({ kty, crv, x, y, n, e }: Jwk): Jwk => ({ kty, crv, x, y, n, e })

/** What is wrong with a key, in words that may be shown. */
class KeyProblem extends Error {}
