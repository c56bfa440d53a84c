// Something that is made when it is first needed, once for all who ask, and anew where that failed.

/** Gives what is made. */
export interface OnFirstUse<T> {
  /** Rejects with what kept it from being made; the next call tries again. */
  (): Promise<T>
  /** What is made or on its way; undefined before the first use and after a failure. */
  made(): Promise<T> | undefined
}

/** Makes it at the first call. */
export function onFirstUse<T>(make: () => Promise<T>): OnFirstUse<T> {
  let made: Promise<T> | undefined
  const get = (): Promise<T> => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
  return Object.assign(get, { made: () => made })
}
