// English words that every page shares.

/** Words of the parts of pages. */
export const partWords = {
  language: 'Language',
} as const
