// Rows of the page table for hosted sign-in.
import type { Page } from '../page.ts'

/** Pages below /pages on which people sign in and up. */
export const hostedPages: readonly Page[] = []
