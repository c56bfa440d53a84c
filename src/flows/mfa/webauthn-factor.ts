// Security keys as second factors (WebAuthn Level 3): made at the first challenge, asked for a signature at later ones.
import type { Ctx, FactorCtx } from '../../context.ts'
import type { AskedFor } from '../../crypto/proof-thread.ts'
import {
  type AssertionAnswer,
  type RegistrationAnswer,
  readAssertion,
  readRegistration,
} from '../../crypto/webauthn-answer.ts'
import type { MadeCredential, Unproved } from '../../crypto/webauthn-check.ts'
import { AuthError, invalid } from '../../errors.ts'
import { type Challenge, claimChallenge, deleteChallenge } from '../../storage/factor-challenges.ts'
import { advanceFactorCounter, type Factor, type FactorCredential } from '../../storage/factors.ts'
import {
  askedFor,
  askForCreation,
  askForUse,
  type NamedCredential,
  type Question,
  userHandleOf,
} from '../steps/webauthn/ask-authenticator.ts'
import { recordCopy } from '../steps/webauthn/record-copy.ts'
import type { FactorKind, Proof, VerifyBody } from './factor-kind.ts'
import { challengeNotFound } from './spent-challenge.ts'

export const webauthnFactor: FactorKind = {
  enroll: () => ({ phone: null, secret: null, answer: {} }),
  async ask(ctx) {
    const is_new = ctx.factor.status === 'unverified'
    const { options, session_data } = is_new ? askToMake(ctx) : askToUse(ctx)
    await claimChallenge(ctx.db, ctx.factor.id, 0)
    const webauthn = { type: is_new ? 'create' : 'request', credential_options: { publicKey: options } }
    return { otp_code: '', session_data, answer: { webauthn } }
  },
  is_audited: false,
  requireAnswer({ webauthn }) {
    if (!webauthn) throw invalid('WebAuthn config required')
    if (webauthn.type !== 'create' && webauthn.type !== 'request')
      throw invalid('WebAuthn type must be create or request')
    if (webauthn.credential_response === undefined || webauthn.credential_response === null)
      throw invalid('credential_response required')
  },
  async check(ctx, challenge, body) {
    const proof = await (body.webauthn?.type === 'create' ? made : used)(ctx, challenge, body)
    return {
      ...proof,
      async spend(tx) {
        if (!(await deleteChallenge(tx, challenge.id))) throw challengeNotFound()
      },
    }
  },
}

type Outcome = Omit<Proof, 'spend'>

function askToMake(ctx: FactorCtx): Question {
  const { user } = ctx.caller
  const name = user.email || user.phone || ''
  const own = credentialsOf(user.factors).map(({ id }) => ({ id, transports: ['usb', 'nfc'] }))
  return askForCreation(ctx, { id: user.id, name, displayName: name }, own, { authenticatorSelection: {} })
}

function askToUse(ctx: FactorCtx): Question {
  const { user } = ctx.caller
  return askForUse(ctx, { id: user.id, credentials: credentialsOf(user.factors) })
}

/** The security keys among an account's factors. */
const credentialsOf = (factors: readonly Factor[]): NamedCredential[] =>
  factors.flatMap(({ web_authn_credential: key }) =>
    key ? [{ id: fromBase64(key.id).toString('base64url'), transports: key.transport ?? [] }] : [],
  )

/** What a challenge asked for; else a new key could be put in the place of a verified one. */
function askedTo(type: 'create' | 'request', ctx: Ctx, { web_authn_session_data: asked }: Challenge): AskedFor {
  if (!asked || (type === 'create') !== (asked.credParams !== undefined))
    throw unproved(ctx, 'the challenge asked for something else')
  return askedFor(ctx, asked)
}

async function made(ctx: FactorCtx, challenge: Challenge, body: VerifyBody): Promise<Outcome> {
  const { factor, caller } = ctx
  const { user } = caller
  const answer = readRegistration(body.webauthn?.credential_response)
  if (!answer) throw unreadable()
  const asked = askedTo('create', ctx, challenge)
  if (factor.status === 'verified') throw unproved(ctx, 'the factor has its key')
  const credential = await ctx.proof_thread.checkRegistration(answer, asked)
  if (!credential.ok) throw refusal(ctx, credential)
  if (credentialsOf(user.factors).some(({ id }) => id === credential.id))
    throw unproved(ctx, 'the key is a factor of the account already')
  const { transports } = answer.response
  return {
    factor,
    change: {
      web_authn_aaguid: credential.aaguid,
      web_authn_credential: toStored(credential, transports ?? null, answer.authenticatorAttachment ?? ''),
      last_webauthn_challenge_data: record('create', factor, challenge, answer),
    },
  }
}

async function used(ctx: FactorCtx, challenge: Challenge, body: VerifyBody): Promise<Outcome> {
  const { factor, caller } = ctx
  const { user } = caller
  const answer = readAssertion(body.webauthn?.credential_response)
  if (!answer) throw unreadable()
  const asked = askedTo('request', ctx, challenge)
  // Each key of the account may answer; the proof is that of its own factor.
  const owner = ownerOf(user.factors, answer)
  const key = owner?.web_authn_credential
  if (!owner || !key) throw unproved(ctx, 'no factor of the account has this key')
  const { userHandle } = answer.response
  if (userHandle && userHandle !== userHandleOf(user.id)) throw unproved(ctx, 'the key is of another account')
  const public_key = fromBase64(key.publicKey).toString('base64url')
  const use = await ctx.proof_thread.checkAssertion(answer, asked, public_key)
  if (!use.ok) throw refusal(ctx, use)
  if (use.backup_eligible !== key.flags.backupEligible) throw unproved(ctx, 'the key can be backed up, or no more')
  if (!(await advanceFactorCounter(ctx.db, owner.id, use.sign_count))) {
    await recordCopy(ctx, { user_id: user.id, factor_id: owner.id, sign_count: use.sign_count })
    throw unproved(ctx, 'the counter went back')
  }
  return { factor: owner, change: { last_webauthn_challenge_data: record('request', factor, challenge, answer) } }
}

const ownerOf = (factors: readonly Factor[], answer: AssertionAnswer): Factor | undefined =>
  factors.find(
    ({ status, web_authn_credential: key }) =>
      status === 'verified' && key && fromBase64(key.id).toString('base64url') === answer.id,
  )

/** The key as the reference stores it. */
const toStored = (made: MadeCredential, transport: string[] | null, attachment: string): FactorCredential => ({
  id: toBase64(made.id),
  publicKey: toBase64(made.public_key),
  attestationType: made.format,
  attestationFormat: made.format,
  transport,
  flags: {
    userPresent: true,
    userVerified: made.user_verified,
    backupEligible: made.backup_eligible,
    backupState: made.backed_up,
  },
  authenticator: {
    AAGUID: Buffer.from(made.aaguid.replaceAll('-', ''), 'hex').toString('base64'),
    signCount: made.sign_count,
    cloneWarning: false,
    attachment,
  },
})

/** Characters of an answer that is kept whole: it is read and shown with the account. */
const longestKept = 4096

/** The last question and answer, as the factor shows them. */
const record = (
  type: 'create' | 'request',
  factor: Factor,
  challenge: Challenge,
  answer: RegistrationAnswer | AssertionAnswer,
) => ({
  type,
  challenge: {
    challenge_id: challenge.id,
    factor_id: factor.id,
    created_at: challenge.created_at,
    ip_address: challenge.ip_address,
    web_authn_session_data: challenge.web_authn_session_data,
  },
  credential_response:
    JSON.stringify(answer).length <= longestKept ? answer : { id: answer.id, rawId: answer.rawId, type: answer.type },
})

const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64')
const toBase64 = (base64url: string): string => Buffer.from(base64url, 'base64url').toString('base64')

const unreadable = (): AuthError => invalid('Invalid credential_response')

function unproved(ctx: Ctx, reason: string): AuthError {
  ctx.log_fields.webauthn_refusal = reason
  return new AuthError(422, 'mfa_verification_failed', 'Failed to validate WebAuthn MFA response')
}

function refusal(ctx: Ctx, { problem, reason }: Unproved): AuthError {
  if (problem === 'refused') return unproved(ctx, reason)
  ctx.log_fields.webauthn_refusal = reason
  return unreadable()
}
