// What makes a password too weak, in the reference's words.

/** Values of GOTRUE_PASSWORD_MIN_LENGTH and _REQUIRED_CHARACTERS. */
export interface PasswordPolicy {
  /** Bytes; below six it counts as six. */
  min_length: number
  /** Sets of characters; a password needs one of each. */
  required_characters: readonly string[]
}

/** Reasons and their sentences, joined by one space so that another sentence may follow; both empty for a good password. */
export function weakReasons(password: string, policy: PasswordPolicy): { reasons: string[]; message: string } {
  const min_length = Math.max(6, policy.min_length)
  const sets = policy.required_characters.filter((set) => set !== '')
  const found: [reason: string, sentence: string][] = []
  if (Buffer.byteLength(password) < min_length)
    found.push(['length', `Password should be at least ${min_length} characters.`])
  if (!sets.every((set) => [...set].some((character) => password.includes(character))))
    found.push(['characters', `Password should contain at least one character of each: ${sets.join(', ')}.`])
  return { reasons: found.map(([reason]) => reason), message: found.map(([, sentence]) => sentence).join(' ') }
}
