// The page table: every page, a row each.
import { accountPages } from './account/account-pages.ts'
import { consolePages } from './console/console-pages.ts'
import { hostedPages } from './hosted/hosted-pages.ts'
import type { Page } from './page.ts'

/** Pages of sign-in and the account. */
export const pagesForPeople: readonly Page[] = [...hostedPages, ...accountPages]

/** Pages of the console. */
export const pagesForOperators: readonly Page[] = consolePages
