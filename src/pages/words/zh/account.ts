// Chinese (Simplified) words of the account page.
import type { Translation } from '../english.ts'

/** Words of the account page. */
export const account: Translation<'account'> = {}
