// English words of mails.

/** Words of mails. */
export const mailWords = {} as const
