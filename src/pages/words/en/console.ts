// English words of the console.
import type { AuditAction } from '../../../flows/steps/records/audit.ts'

/** What the entries of the audit log are called; every action has a name. */
const auditWords = {
  'audit.accounts_exported': 'Accounts exported',
  'audit.accounts_imported': 'Accounts imported',
  'audit.api_key_created': 'API key made',
  'audit.authenticator_copied': 'Copied security key noticed',
  'audit.challenge_created': 'Second step begun',
  'audit.console_link_created': 'Link to the console made',
  'audit.console_opened': 'Console opened by a link',
  'audit.factor_deleted': 'Verification method removed by an operator',
  'audit.factor_in_progress': 'Verification method being set up',
  'audit.factor_unenrolled': 'Verification method removed',
  'audit.factor_updated': 'Verification method changed by an operator',
  'audit.group_created': 'Group made by a directory',
  'audit.group_deleted': 'Group deleted by a directory',
  'audit.group_modified': 'Group changed by a directory',
  'audit.identity_linked': 'Identity linked',
  'audit.identity_unlinked': 'Identity unlinked',
  'audit.invite_accepted': 'Invitation accepted',
  'audit.login': 'Signed in',
  'audit.login_failed': 'Sign-in failed',
  'audit.logout': 'Signed out',
  'audit.passkey_created': 'Passkey added',
  'audit.passkey_deleted': 'Passkey removed',
  'audit.passkey_updated': 'Passkey renamed',
  'audit.scim_token_created': 'Token of a directory made',
  'audit.scim_token_revoked': 'Token of a directory ended',
  'audit.token_refreshed': 'Session refreshed',
  'audit.token_revoked': 'Session revoked',
  'audit.user_confirmation_requested': 'Confirmation asked for',
  'audit.user_deleted': 'Account deleted',
  'audit.user_impersonated': 'Signed in as this person by an operator',
  'audit.user_invited': 'Invited',
  'audit.user_modified': 'Account changed',
  'audit.user_reauthenticate_requested': 'Code asked for to confirm identity',
  'audit.user_recovery_requested': 'Recovery asked for',
  'audit.user_repeated_signup': 'Signed up again',
  'audit.user_signedup': 'Signed up',
  'audit.user_updated_password': 'Password changed',
  'audit.verification_attempted': 'Second step passed',
} as const satisfies Record<`audit.${AuditAction}`, string>

/** Words of the console. */
export const consoleWords = {
  ...auditWords,
  factor_needed_title: 'A second step is needed',
  factor_needed_text: 'The console opens to people who have shown a second factor. Set one up or sign in with it.',
  factor_needed_way: 'Second factors of your account',
} as const
