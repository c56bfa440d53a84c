// German words of pages to sign up and in.
import type { Translation } from '../english.ts'

/** Words of pages to sign up and in. */
export const hosted: Translation<'hosted'> = {}
