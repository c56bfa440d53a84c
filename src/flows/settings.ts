// GET /settings: what a sign-in page has to offer.
import type { ProviderName } from '../config/keys.ts'
import type { Ctx } from '../context.ts'
import { json, type Reply } from '../reply.ts'

/** Providers of the recorded answer, in its order; the pages know the others by the configuration. */
const listed: ProviderName[] = [
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
  'keycloak',
  'kakao',
  'linkedin',
  'linkedin_oidc',
  'notion',
  'spotify',
  'slack',
  'slack_oidc',
  'workos',
  'twitch',
  'twitter',
  'zoom',
]

/** The switches that a client may know. */
export function settings({ config }: Ctx): Reply {
  return json({
    external: {
      anonymous_users: config.external_anonymous_users_enabled,
      ...Object.fromEntries(listed.map((name) => [name, config.external[name].enabled])),
      email: config.external_email_enabled,
      phone: config.external_phone_enabled,
      ...(config.pages && { postern: true }),
    },
    disable_signup: config.disable_signup,
    mailer_autoconfirm: config.mailer_autoconfirm,
    phone_autoconfirm: config.sms_autoconfirm,
    sms_provider: config.sms_provider,
    saml_enabled: config.saml_enabled,
    // Odd, but recorded: without SAML the second key counts as configured.
    saml_private_key_next_configured: !config.saml_enabled || config.saml_private_key_next !== '',
    passkeys_enabled: config.passkey_enabled,
  })
}
