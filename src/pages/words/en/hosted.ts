// English words of the hosted sign-in.

/** Words of pages to sign up and in. */
export const hostedWords = {} as const
