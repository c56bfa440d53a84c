// Rows of the page table for hosted sign-in.
import { type Page, page } from '../page.ts'
import { continueForm, continuePage } from './continue-page.ts'

/** Pages below /pages on which people sign in and up. */
export const hostedPages: readonly Page[] = [
  page('GET', '/pages/continue', 'anyone', continuePage),
  page('POST', '/pages/continue', 'anyone', continueForm),
]
