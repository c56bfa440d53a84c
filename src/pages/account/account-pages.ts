// Rows of the page table for the account page.
import type { Page } from '../page.ts'

/** Pages below /pages/account. */
export const accountPages: readonly Page[] = []
