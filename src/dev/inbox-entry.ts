// What the development inbox keeps of a mail or message.

/** A mail or message in the inbox. */
export interface InboxEntry {
  id: string
  /** When it came, RFC 3339. */
  at: string
  channel: 'mail' | 'sms'
  from: string
  to: string[]
  subject: string
  html: string
  text: string
  /** Addresses in the mail. */
  links: string[]
  /** Numbers that look like one-time codes. */
  codes: string[]
}
