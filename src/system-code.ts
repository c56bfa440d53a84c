// The code by which Node and its libraries name a failure, such as ENOENT or EADDRINUSE; those of our API lie in errors.ts.

/** The code of a failure; `''` where it has none. */
export const systemCode = (error: unknown): string => String(Reflect.get(Object(error), 'code') ?? '')
