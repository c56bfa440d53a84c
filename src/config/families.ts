// Variables that exist once for each provider, hook, kind of mail or notification.
import { address, bool, filledText, list, pipes, secret, text } from './key-types.ts'

/** External providers, as the variables name them in lower case. */
export const providerNames = [
  'apple',
  'azure',
  'bitbucket',
  'discord',
  'facebook',
  'snapchat',
  'figma',
  'fly',
  'github',
  'gitlab',
  'google',
  'kakao',
  'notion',
  'keycloak',
  'linkedin',
  'linkedin_oidc',
  'spotify',
  'slack',
  'slack_oidc',
  'twitter',
  'twitch',
  'vercel_marketplace',
  'workos',
  'x',
  'zoom',
] as const
/** An external provider. */
export type ProviderName = (typeof providerNames)[number]

/** Hook points. */
export const hookNames = [
  'mfa_verification_attempt',
  'password_verification_attempt',
  'custom_access_token',
  'send_email',
  'send_sms',
  'before_user_created',
  'after_user_created',
] as const
/** A hook point. */
export type HookName = (typeof hookNames)[number]

/** Notifications that the Go server does not have; their variables begin with POSTERN. */
export const ownNotifications = ['passkey_added', 'passkey_removed'] as const
/** What people are notified of. */
export const notificationNames = [
  'password_changed',
  'email_changed',
  'phone_changed',
  'identity_linked',
  'identity_unlinked',
  'mfa_factor_enrolled',
  'mfa_factor_unenrolled',
  ...ownNotifications,
] as const
/** A notification. */
export type NotificationName = (typeof notificationNames)[number]

const linkedKinds = ['invite', 'confirmation', 'recovery', 'email_change'] as const
const tokenKinds = [...linkedKinds, 'magic_link', 'reauthentication'] as const
/** A kind of mail, as the variables name it in lower case. */
export type MailKind = (typeof tokenKinds)[number] | `${NotificationName}_notification`
/** Kinds of mail. */
export const mailKinds: readonly MailKind[] = [
  ...tokenKinds,
  ...notificationNames.map((name): MailKind => `${name}_notification`),
]

/** Settings of the provider NAME. */
export const providerKeys = (name: string) => ({
  enabled: bool(`GOTRUE_EXTERNAL_${name}_ENABLED`, '', 'Lets people sign in with the provider.'),
  client_id: list(
    `GOTRUE_EXTERNAL_${name}_CLIENT_ID`,
    '',
    'Client ids at the provider: the first starts a sign-in, all are accepted as audience of an ID token.',
  ),
  secret: secret(text(`GOTRUE_EXTERNAL_${name}_SECRET`, '', 'Client secret at the provider.')),
  redirect_uri: address(
    `GOTRUE_EXTERNAL_${name}_REDIRECT_URI`,
    '',
    'Callback address that is registered at the provider; API_EXTERNAL_URL + /callback when empty.',
  ),
  url: address(
    `GOTRUE_EXTERNAL_${name}_URL`,
    '',
    'Base address of a provider that can be self-hosted, such as GitLab or Keycloak; its public address when empty.',
  ),
  api_url: text(`GOTRUE_EXTERNAL_${name}_API_URL`, '', 'Has no effect, as in the Go server.'),
  email_optional: bool(
    `GOTRUE_EXTERNAL_${name}_EMAIL_OPTIONAL`,
    '',
    'Accepts people whose e-mail address the provider does not tell.',
  ),
  skip_nonce_check: bool(
    `GOTRUE_EXTERNAL_${name}_SKIP_NONCE_CHECK`,
    '',
    'Accepts ID tokens without comparing their nonce, for client libraries that cannot set one.',
  ),
})

/** Settings of the hook NAME. */
export const hookKeys = (name: string) => ({
  enabled: bool(`GOTRUE_HOOK_${name}_ENABLED`, '', 'Calls the hook.'),
  uri: address(
    `GOTRUE_HOOK_${name}_URI`,
    '',
    'Where the hook is: https://…, http://localhost…, or pg-functions://database/schema/function.',
  ),
  secrets: secret(
    pipes(
      `GOTRUE_HOOK_${name}_SECRETS`,
      '',
      'Secrets that sign calls (Standard Webhooks), such as v1,whsec_ and 32 to 88 characters of base64; each adds a signature.',
    ),
  ),
})

const prefixOf = (kind: string): string =>
  ownNotifications.some((own) => kind.startsWith(upper(own))) ? 'POSTERN' : 'GOTRUE'

/** Subject of mails of a kind. */
export const subjectKey = (kind: string) =>
  text(
    `${prefixOf(kind)}_MAILER_SUBJECTS_${kind}`,
    '',
    'Subject of the mail, a template; a plain English one when empty.',
  )

/** Body of mails of a kind. */
export const templateKey = (kind: string) =>
  text(
    `${prefixOf(kind)}_MAILER_TEMPLATES_${kind}`,
    '',
    'Address of the HTML body, a template, or a path below GOTRUE_SITE_URL; a plain English body when empty.',
  )

/** Path of the link in mails of a kind; the kinds without a link have none. */
export const urlpathKey = (kind: string, fallback: string) =>
  (fallback === '' ? text : filledText)(
    `${prefixOf(kind)}_MAILER_URLPATHS_${kind}`,
    fallback,
    'Path of the link, or a whole address; magic links take the path of RECOVERY.',
  )

/** The switch of a notification. */
export const notificationKey = (name: string) =>
  bool(
    `${prefixOf(name)}_MAILER_NOTIFICATIONS_${name}_ENABLED`,
    '',
    'Sends the notification to people with an e-mail address.',
  )

const upper = (name: string): string => name.toUpperCase()

function each<Name extends string, Value>(names: readonly Name[], make: (name: Name) => Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Value>
}

/** Every variable of the families, by the name of the family and of its member. */
export const families = {
  external: each(providerNames, (name) => providerKeys(upper(name))),
  hooks: each(hookNames, (name) => hookKeys(upper(name))),
  mailer_subjects: each(mailKinds, (kind) => subjectKey(upper(kind))),
  mailer_templates: each(mailKinds, (kind) => templateKey(upper(kind))),
  mailer_urlpaths: each(mailKinds, (kind) =>
    urlpathKey(upper(kind), linkedKinds.some((linked) => linked === kind) ? '/verify' : ''),
  ),
  mailer_notifications: each(notificationNames, (name) => notificationKey(upper(name))),
}
