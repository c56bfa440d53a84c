// What sets the kinds of second factors apart; enrolment, challenge and verification are the same for all.
import { z } from 'zod'
import type { Ctx, FactorCtx } from '../../context.ts'
import type { Challenge } from '../../storage/factor-challenges.ts'
import type { Factor, FactorChange } from '../../storage/factors.ts'
import type { User } from '../../storage/users.ts'
import type { WebAuthnSession } from '../../storage/webauthn-challenges.ts'
import { text } from '../steps/requests/fields.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import type { Tx } from '../steps/transact.ts'

export const enrollBody = z.object({ factor_type: text, friendly_name: text, issuer: text, phone: text })

export const challengeBody = z.object({ channel: text })

export const verifyFactorBody = z.object({
  challenge_id: z
    .string()
    .refine((id) => id === '' || isUuid(id), 'is no UUID')
    .default(''),
  code: text,
  trust_device: z.boolean().default(false),
  webauthn: z
    .object(
      { type: z.string().nullish(), credential_response: z.unknown().optional() },
      { error: 'expected an object' },
    )
    .optional(),
})

/** What a person sends to enrol a factor. */
export type EnrollBody = z.infer<typeof enrollBody>
/** What a person sends to answer a challenge. */
export type VerifyBody = z.infer<typeof verifyFactorBody>

/** What a new factor keeps, and what the person needs to set it up. */
export interface Enrolment {
  /** Digits, or null. */
  phone: string | null
  /** In clear, or null. */
  secret: string | null
  answer: Record<string, unknown>
}

/** What is kept of a question, and what the person is told beside its id. */
export interface Asked {
  /** Sealed; `''` for none. */
  otp_code: string
  session_data: WebAuthnSession | null
  answer: Record<string, unknown>
}

/** What a right answer proved. */
export interface Proof {
  /** The factor that answered. */
  factor: Factor
  change: FactorChange
  /** Uses the challenge, and what else counts once, up. @throws AuthError where another request was first */
  spend(tx: Tx): Promise<void>
}

/** A kind of second factor. */
export interface FactorKind {
  /** @throws AuthError 400 validation_failed */
  enroll(ctx: Ctx, body: EnrollBody, user: User): Enrolment
  /** Puts the question, such as sending a code, before anything of it is stored. */
  ask(ctx: FactorCtx, challenge: { id: string; channel: string }): Promise<Asked>
  /** Whether a challenge stands in the audit log. */
  is_audited: boolean
  /** @throws AuthError 400 validation_failed for a body that is no answer, before the challenge is looked at */
  requireAnswer(body: VerifyBody): void
  /** @throws AuthError when the answer is not right */
  check(ctx: FactorCtx, challenge: Challenge, body: VerifyBody): Promise<Proof>
}
