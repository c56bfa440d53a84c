// Secrets that are no secrets: those of examples that everybody can read, and what stands where one should be put.

/** Values in examples of Supabase, of its command line, and of RFC 7515 and RFC 7517. */
const published = [
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'your-super-secret-and-long-postgres-password',
  'this_password_is_insecure_and_should_be_updated',
  'fake_mail_password',
  'CHANGE-THIS! VERY IMPORTANT!',
  // Members d and k of keys.
  'dIhR8wywJlqlua4y_yMq2SLhlFXDZJBCvFrY1DCHyVU',
  '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
  'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
]

const placeholder =
  /^(change[ _-]?(me|this|it)\b.*|(my|your)[ _-].*|<.*>|\$\{.*\}|\.{3}|…|x{3,}|secret|password|example|test|todo|replace[ _-]?me.*)$/i

/** Whether a value is, or holds, a secret that everybody can read. */
export const isPublished = (value: string): boolean =>
  published.some((known) => value.includes(known)) || placeholder.test(value.trim())

/** Whether a text of some length is so even that it can be guessed, such as one letter again and again. */
export const isEven = (value: string): boolean => new Set(value).size < 8
