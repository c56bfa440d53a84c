// Tokens whose signature was checked already: the next requests with one cost no second check of what cannot change.

/** Tokens at most, and characters of one: what a process remembers stays under some megabytes. */
const mostTokens = 1000
const longestRemembered = 4096

const ofRing = new WeakMap<object, Map<string, object>>()

/**
 * The claims of a token that these keys have signed, if it is remembered; other keys, as after a reload, begin anew. Times
 * are for the caller to check.
 */
export const recallToken = <Claims extends object>(keys: object, token: string): Claims | undefined =>
  ofRing.get(keys)?.get(token) as Claims | undefined

/** Remembers a token whose signature was checked; its claims cannot be changed any more. */
export function rememberToken(keys: object, token: string, claims: object): void {
  if (token.length > longestRemembered) return
  const known = ofRing.get(keys) ?? new Map<string, object>()
  ofRing.set(keys, known)
  // The oldest goes: people refresh theirs long before a thousand others have come.
  if (known.size >= mostTokens) known.delete(known.keys().next().value ?? '')
  known.set(token, frozen(claims))
}

/** Forgets a token that is over. */
export const forgetToken = (keys: object, token: string): void => void ofRing.get(keys)?.delete(token)

function frozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) frozen(member)
  return Object.freeze(value)
}
