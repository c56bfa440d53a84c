// English words of the console.

/** Words of the console. */
export const consoleWords = {} as const
