// Variables that exist once for each provider, hook or kind of mail.
import { bool, type Key, list, pipes, text } from './key-types.ts'

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

/** What people are notified of. */
export const notificationNames = [
  'password_changed',
  'email_changed',
  'phone_changed',
  'identity_linked',
  'identity_unlinked',
  'mfa_factor_enrolled',
  'mfa_factor_unenrolled',
] as const
/** A notification. */
export type NotificationName = (typeof notificationNames)[number]

const tokenMailKinds = ['invite', 'confirmation', 'recovery', 'email_change', 'magic_link', 'reauthentication'] as const
/** A kind of mail, as the variables name it in lower case. */
export type MailKind = (typeof tokenMailKinds)[number] | `${NotificationName}_notification`
/** Kinds of mail. */
export const mailKinds: readonly MailKind[] = [
  ...tokenMailKinds,
  ...notificationNames.map((name): MailKind => `${name}_notification`),
]

/** Settings of a provider; PROVIDER stands for its name. */
export const providerKeys = {
  enabled: bool('GOTRUE_EXTERNAL_PROVIDER_ENABLED', 'false', 'Let people in with the provider.'),
  client_id: list(
    'GOTRUE_EXTERNAL_PROVIDER_CLIENT_ID',
    '',
    'Client ids: the first starts a sign-in, all are accepted as audience of an ID token.',
  ),
  secret: text('GOTRUE_EXTERNAL_PROVIDER_SECRET', '', 'Client secret.'),
  redirect_uri: text('GOTRUE_EXTERNAL_PROVIDER_REDIRECT_URI', '', 'Callback address; API_EXTERNAL_URL + /callback when empty.'),
  url: text('GOTRUE_EXTERNAL_PROVIDER_URL', '', 'Base address of a provider that is hosted elsewhere.'),
  api_url: text('GOTRUE_EXTERNAL_PROVIDER_API_URL', '', 'Read for compatibility; has no effect.'),
  email_optional: bool('GOTRUE_EXTERNAL_PROVIDER_EMAIL_OPTIONAL', 'false', 'Accept people without an address.'),
  skip_nonce_check: bool('GOTRUE_EXTERNAL_PROVIDER_SKIP_NONCE_CHECK', 'false', 'Do not compare the nonce of ID tokens.'),
}

/** Settings of a hook; NAME stands for it. */
export const hookKeys = {
  enabled: bool('GOTRUE_HOOK_NAME_ENABLED', '', 'Call the hook.'),
  uri: text('GOTRUE_HOOK_NAME_URI', '', 'https://…, or pg-functions://database/schema/function.'),
  secrets: pipes('GOTRUE_HOOK_NAME_SECRETS', '', 'Secrets that sign calls (Standard Webhooks): v1,whsec_…'),
}

/** Settings of a kind of mail; KIND stands for it. */
export const mailKindKeys = {
  mailer_subjects: text('GOTRUE_MAILER_SUBJECTS_KIND', '', 'Subject, a template.'),
  mailer_templates: text('GOTRUE_MAILER_TEMPLATES_KIND', '', 'Address or file of the body, a template.'),
  mailer_urlpaths: text('GOTRUE_MAILER_URLPATHS_KIND', '', 'Path of the link; /verify when empty.'),
}

/** The switch of a notification; NAME stands for it. */
export const notificationKey = bool('GOTRUE_MAILER_NOTIFICATIONS_NAME_ENABLED', 'false', 'Send the notification.')

/** What the members of a table of keys hold. */
export type Values<Keys> = { [Name in keyof Keys]: Keys[Name] extends Key<infer Value> ? Value : never }
