// English words of the account page.

/** Words of the account page. */
export const accountWords = {} as const
