// Kinds of mail, as data: subject, body, and what the hook and the link call them.
import type { MailKind } from '../config/keys.ts'

/** A kind of mail. */
export interface MailKindData {
  /** Default subject, a template. */
  subject: string
  /** Default body, a template. */
  body: string
  /** `type` of the link, or null for mails without one. */
  link_type: string | null
  /** Which GOTRUE_MAILER_URLPATHS_… makes the link. */
  path_of: MailKind
  /** `email_action_type` for the send-email hook. */
  action_type: string
  /** What `Error sending … email` says. */
  purpose: string
}

const link = (text: string) => `<p><a href="{{ .ConfirmationURL }}">${text}</a></p>`
const ignore = '<p>If you did not ask for this, you can ignore this mail.</p>'
const warn = '<p>If this was not you, please contact us at once.</p>'

const notification = (kind: MailKind, subject: string, sentence: string): MailKindData => ({
  subject,
  body: `<h2>${subject}</h2>\n<p>${sentence}</p>\n${warn}\n`,
  link_type: null,
  path_of: kind,
  action_type: kind,
  purpose: kind.replaceAll('_', ' '),
})

/** Every kind of mail. */
export const mailKindData: Record<MailKind, MailKindData> = {
  invite: {
    subject: "You've been invited",
    body: `<h2>You have been invited</h2>\n<p>You have been invited to create an account on {{ .SiteURL }}.</p>\n${link('Accept the invitation')}\n`,
    link_type: 'invite',
    path_of: 'invite',
    action_type: 'invite',
    purpose: 'invite',
  },
  confirmation: {
    subject: 'Confirm your email address',
    body: `<h2>Confirm your email address</h2>\n<p>Follow this link to finish creating your account:</p>\n${link('Confirm your email address')}\n${ignore}\n`,
    link_type: 'signup',
    path_of: 'confirmation',
    action_type: 'signup',
    purpose: 'confirmation',
  },
  recovery: {
    subject: 'Reset your password',
    body: `<h2>Reset your password</h2>\n<p>Follow this link to choose a new password:</p>\n${link('Reset your password')}\n${ignore}\n`,
    link_type: 'recovery',
    path_of: 'recovery',
    action_type: 'recovery',
    purpose: 'recovery',
  },
  magic_link: {
    subject: 'Your sign-in link',
    body: `<h2>Your sign-in link</h2>\n<p>Follow this link to sign in:</p>\n${link('Sign in')}\n${ignore}\n`,
    link_type: 'magiclink',
    path_of: 'recovery',
    action_type: 'magiclink',
    purpose: 'magic link',
  },
  email_change: {
    subject: 'Confirm your new email address',
    body: `<h2>Confirm your new email address</h2>\n<p>Follow this link to confirm that your address becomes {{ .NewEmail }}:</p>\n${link('Confirm the change')}\n${warn}\n`,
    link_type: 'email_change',
    path_of: 'email_change',
    action_type: 'email_change',
    purpose: 'email change',
  },
  reauthentication: {
    subject: '{{ .Token }} is your verification code',
    body: `<h2>Confirm that it is you</h2>\n<p>Enter this code: {{ .Token }}</p>\n${warn}\n`,
    link_type: null,
    path_of: 'reauthentication',
    action_type: 'reauthentication',
    purpose: 'reauthentication',
  },
  password_changed_notification: notification(
    'password_changed_notification',
    'Your password was changed',
    'The password of your account {{ .Email }} was changed.',
  ),
  email_changed_notification: notification(
    'email_changed_notification',
    'Your email address was changed',
    'The address of your account was changed from {{ .OldEmail }} to {{ .Email }}.',
  ),
  phone_changed_notification: notification(
    'phone_changed_notification',
    'Your phone number was changed',
    'The phone number of your account {{ .Email }} was changed from {{ .OldPhone }} to {{ .Phone }}.',
  ),
  identity_linked_notification: notification(
    'identity_linked_notification',
    'A new sign-in method was linked to your account',
    'Your account {{ .Email }} can now be signed in to with {{ .Provider }}.',
  ),
  identity_unlinked_notification: notification(
    'identity_unlinked_notification',
    'A sign-in method was removed from your account',
    'Your account {{ .Email }} can no longer be signed in to with {{ .Provider }}.',
  ),
  mfa_factor_enrolled_notification: notification(
    'mfa_factor_enrolled_notification',
    'A new verification method was added to your account',
    'The verification method {{ .FactorType }} was added to your account {{ .Email }}.',
  ),
  passkey_added_notification: notification(
    'passkey_added_notification',
    'A passkey was added to your account',
    'A passkey was added to your account {{ .Email }}. It can sign in without your password.',
  ),
  passkey_removed_notification: notification(
    'passkey_removed_notification',
    'A passkey was removed from your account',
    'A passkey was removed from your account {{ .Email }}.',
  ),
  mfa_factor_unenrolled_notification: notification(
    'mfa_factor_unenrolled_notification',
    'A verification method was removed from your account',
    'The verification method {{ .FactorType }} was removed from your account {{ .Email }}.',
  ),
}

/** What the send-email hook calls a kind. */
export const actionTypeOf = (kind: MailKind): string => mailKindData[kind].action_type
