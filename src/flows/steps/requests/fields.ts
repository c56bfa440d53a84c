// Types of body fields that schemas of several flows share; null and absent are the same.
import { type ZodType, z } from 'zod'
import { isJsonObject } from '../../../json-values.ts'

/** Reads the fields that a schema names out of a body. @throws AuthError 400 bad_json */
export type ReadFields = <Schema extends ZodType>(schema: Schema) => z.infer<Schema>

/** Text; `''` when absent. */
export const text = z.string().default('')

/** Text, or undefined when absent. */
export const optionalText = z.string().optional()

/** A list of texts, in which null is an empty one, as recorded. */
export const texts = z.array(
  z
    .string()
    .nullable()
    .transform((one) => one ?? ''),
)

/** A boolean, or undefined when absent. */
export const optionalBoolean = z.boolean().optional()

/** A JSON object, or undefined when absent. */
export const optionalObject = z
  .custom<Record<string, unknown>>(isJsonObject, { message: 'expected an object' })
  .optional()

/** The two fields of a PKCE request (RFC 7636 §4.3). */
export const pkceFields = { code_challenge: text, code_challenge_method: text }
