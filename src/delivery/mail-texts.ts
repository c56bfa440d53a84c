// The texts that mails are made of where they look like the pages, in one language.
import type { MailKind } from '../config/keys.ts'

/** Kinds of mail whose link is a button. */
export type LinkKind = 'invite' | 'confirmation' | 'recovery' | 'magic_link' | 'email_change'

/** Names of the texts; `{email}` and the like stand for what a mail is about. */
export type MailTextName =
  | `${MailKind}.subject`
  | `${MailKind}.text`
  | `${LinkKind}.button`
  | 'reauthentication.title'
  | `factor.${'totp' | 'phone' | 'webauthn'}`
  | 'code'
  | 'life'
  | 'ignore'
  | 'warn'

/** All texts of a language. */
export type MailTexts = Readonly<Record<MailTextName, string>>
