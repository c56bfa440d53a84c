// What browsers send from an authenticator: read strictly and bounded, before anything is decoded (WebAuthn §5.8.1).
import { z } from 'zod'

/** Characters of each text; a registration with a chain of certificates has about ten thousand. */
const longest = 32_768

const bytes = z
  .string()
  .max(longest)
  .regex(/^[\w-]+$/)
const transport = z
  .string()
  .max(32)
  .regex(/^[a-z-]+$/)

const common = { id: bytes.max(1364), rawId: bytes, type: z.literal('public-key') }
const attachment = z.enum(['platform', 'cross-platform']).nullish().catch(undefined)

const registration = z.object({
  ...common,
  authenticatorAttachment: attachment,
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.array(transport).max(8).nullish().catch(undefined),
  }),
})
const assertion = z.object({
  ...common,
  authenticatorAttachment: attachment,
  response: z.object({
    clientDataJSON: bytes,
    authenticatorData: bytes,
    signature: bytes,
    userHandle: z.union([bytes.max(128), z.literal('')]).nullish(),
  }),
})

/** The answer to creation options; byte strings are base64url without padding. */
export type RegistrationAnswer = z.infer<typeof registration>
/** The answer to request options. */
export type AssertionAnswer = z.infer<typeof assertion>

const reader =
  <Answer extends { id: string; rawId: string }>(schema: z.ZodType<Answer>) =>
  (value: unknown): Answer | null => {
    const { success, data } = schema.safeParse(value)
    return success && data.id === data.rawId ? data : null
  }

/** The answer to creation options, or null for anything else. */
export const readRegistration = reader(registration)
/** The answer to request options, or null for anything else. */
export const readAssertion = reader(assertion)
