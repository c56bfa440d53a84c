// What mail can be sent to: one address as it is, of letters of any language (RFC 6531), without quotes.

/** What mail programs read as a list, a name, a comment, a group or a command, and letters that nobody sees. */
const part = String.raw`[^\s\p{Cc}\p{Cf}"(),:;<>@[\\\]]+`
const form = new RegExp(`^${part}@${part}$`, 'u')

/** Whether a text is the address of one recipient, to everybody who reads it. */
export const isOneRecipient = (text: string): boolean => form.test(text)
