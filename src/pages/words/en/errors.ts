// English words for the error codes that a person can meet.

/** Words for error codes. */
export const errorWords = {} as const
