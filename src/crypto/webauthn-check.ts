// Checks what authenticators sign, on a thread of its own: loading the library takes 200 ms, a check up to 2 ms.
import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import {
  decodeAttestationObject,
  decodeClientDataJSON,
  isoCBOR,
  parseAuthenticatorData,
  verifySignature,
} from '@simplewebauthn/server/helpers'
import type { AssertionAnswer, RegistrationAnswer } from './webauthn-answer.ts'

/** What was asked of an authenticator, and by whom. */
export interface Asked {
  challenge: string
  rp_id: string
  origins: string[]
  algorithms: number[]
}

/** A credential as an authenticator made it; byte strings are base64url. */
export interface MadeCredential {
  ok: true
  id: string
  public_key: string
  aaguid: string
  sign_count: number
  format: string
  user_verified: boolean
  backup_eligible: boolean
  backed_up: boolean
}

/** What a signature proved. */
export interface ProvedUse {
  ok: true
  sign_count: number
  user_verified: boolean
  backup_eligible: boolean
  backed_up: boolean
}

/** An answer that proves nothing: one that cannot be read, or one that is wrong. */
export interface Unproved {
  ok: false
  problem: 'malformed' | 'refused'
  reason: string
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500)
const malformed = (error: unknown): Unproved => ({ ok: false, problem: 'malformed', reason: textOf(error) })
const refused = (error: unknown): Unproved => ({ ok: false, problem: 'refused', reason: textOf(error) })
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64url'))
const toBase64 = (data: Uint8Array): string => Buffer.from(data).toString('base64url')

/** The largest key that is kept: RSA of 8,192 bits. */
const longestKey = 1100

/** Checks the answer to creation options (WebAuthn §7.1). */
export async function checkRegistration(
  answer: RegistrationAnswer,
  { challenge, rp_id, origins, algorithms }: Asked,
): Promise<MadeCredential | Unproved> {
  let read: ReturnType<typeof readAttestation>
  try {
    read = readAttestation(answer)
  } catch (error) {
    return malformed(error)
  }
  const { plain, format } = read
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...plain, clientExtensionResults: {} } as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: rp_id,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    })
    if (!verified) return refused('the attestation does not verify')
    const { credential, aaguid, userVerified, credentialDeviceType, credentialBackedUp } = registrationInfo
    if (credential.id !== answer.id) return refused('the id is not that of the credential')
    if (credential.publicKey.length > longestKey) return refused('the public key is too long')
    await requireUsableKey(credential.publicKey)
    return {
      ok: true,
      id: credential.id,
      public_key: toBase64(credential.publicKey),
      aaguid,
      sign_count: credential.counter,
      format,
      user_verified: userVerified,
      backup_eligible: credentialDeviceType === 'multiDevice',
      backed_up: credentialBackedUp,
    }
  } catch (error) {
    return refused(error)
  }
}

/** The format of an attestation, and the answer without a statement that nobody looks at. @throws Error for what is malformed */
function readAttestation(answer: RegistrationAnswer): { plain: RegistrationAnswer; format: string } {
  const object = decodeAttestationObject(fromBase64(answer.response.attestationObject))
  parseAuthenticatorData(object.get('authData'))
  requireClientData(answer.response.clientDataJSON)
  const format = checkedFormat(object)
  return { format, plain: format === object.get('fmt') ? answer : withoutStatement(answer, object.get('authData')) }
}

/** Checks the answer to request options (WebAuthn §7.2); the counter is the caller's to compare. */
export async function checkAssertion(
  answer: AssertionAnswer,
  { challenge, rp_id, origins }: Asked,
  public_key: string,
): Promise<ProvedUse | Unproved> {
  try {
    parseAuthenticatorData(fromBase64(answer.response.authenticatorData))
    requireClientData(answer.response.clientDataJSON)
  } catch (error) {
    return malformed(error)
  }
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...answer, clientExtensionResults: {} } as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: rp_id,
      requireUserVerification: false,
      credential: { id: answer.id, publicKey: fromBase64(public_key), counter: 0 },
    })
    if (!verified) return refused('the signature is not that of the key')
    const { newCounter, userVerified, credentialDeviceType, credentialBackedUp } = authenticationInfo
    return {
      ok: true,
      sign_count: newCounter,
      user_verified: userVerified,
      backup_eligible: credentialDeviceType === 'multiDevice',
      backed_up: credentialBackedUp,
    }
  } catch (error) {
    return refused(error)
  }
}

function requireClientData(text: string): void {
  const { type, challenge, origin } = decodeClientDataJSON(text)
  if (typeof type !== 'string' || typeof challenge !== 'string' || typeof origin !== 'string')
    throw new Error('the client data lack a member')
}

type AttestationObject = ReturnType<typeof decodeAttestationObject>

/**
 * Only what an authenticator says of itself is checked: no statement of a manufacturer is asked for (attestation "none"),
 * so that one that comes all the same counts as none, and neither its certificates nor their lists of revoked ones,
 * which lie at addresses of the sender's choice, are looked at.
 */
function checkedFormat(object: AttestationObject): string {
  const statement: unknown = object.get('attStmt')
  const is_own = object.get('fmt') === 'packed' && statement instanceof Map && !statement.has('x5c')
  return is_own ? 'packed' : 'none'
}

type Encodable = Parameters<typeof isoCBOR.encode>[0]

function withoutStatement(answer: RegistrationAnswer, authData: Uint8Array<ArrayBuffer>): RegistrationAnswer {
  const parts = new Map<string, Encodable>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ])
  const attestationObject = toBase64(isoCBOR.encode(parts))
  return { ...answer, response: { ...answer.response, attestationObject } }
}

/** A signature in DER that nothing verifies with: two numbers of one. */
const nobodysSignature = Uint8Array.from([0x30, 6, 2, 1, 1, 2, 1, 1])

/** @throws Error for a key that no signature can be checked with, such as a point beside its curve */
async function requireUsableKey(key: Uint8Array<ArrayBuffer>): Promise<void> {
  await verifySignature({ signature: nobodysSignature, data: new Uint8Array(32), credentialPublicKey: key })
}
