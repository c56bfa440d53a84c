// Rows of the page table for the console.
import type { Page } from '../page.ts'

/** Pages below /console. */
export const consolePages: readonly Page[] = []
