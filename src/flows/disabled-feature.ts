// Routes of features that are switched off.
import { AuthError, type ErrorCode } from '../errors.ts'

/** A flow that answers 404 with the code and sentence of a feature. */
export const disabledFeature =
  (code: ErrorCode, message: string): (() => never) =>
  () => {
    throw new AuthError(404, code, message)
  }
