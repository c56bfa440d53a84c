// Variables of the OAuth 2.1 and OpenID Connect server: applications that sign people in with their accounts here.
import { bool, duration, secret, text, words } from './key-types.ts'

/** What the OAuth server can do beyond the recorded one; each is off unless it is named. */
const oauthFeatures = [
  'revocation',
  'introspection',
  'client_credentials',
  'device',
  'par',
  'dpop',
  'iss',
  'prompt',
  'private_key_jwt',
  'token_exchange',
  'resource_metadata',
  'client_documents',
  'logout',
] as const

/** One of them. */
export type OAuthFeature = (typeof oauthFeatures)[number]

/** The OAuth server. */
export const oauthKeys = {
  oauth_server_enabled: bool(
    'GOTRUE_OAUTH_SERVER_ENABLED',
    'false',
    'Lets other applications sign people in with their account here.',
  ),
  oauth_server_allow_dynamic_registration: bool(
    'GOTRUE_OAUTH_SERVER_ALLOW_DYNAMIC_REGISTRATION',
    '',
    'Lets OAuth clients register themselves.',
  ),
  oauth_server_authorization_path: text(
    'GOTRUE_OAUTH_SERVER_AUTHORIZATION_PATH',
    '',
    'Path below GOTRUE_SITE_URL of the page on which people agree or refuse.',
  ),
  oauth_server_authorization_ttl: duration(
    'GOTRUE_OAUTH_SERVER_AUTHORIZATION_TTL',
    '10m',
    'Time in which people must agree or refuse.',
  ),
  oauth_server_default_scope: text(
    'GOTRUE_OAUTH_SERVER_DEFAULT_SCOPE',
    'email',
    'Scope of OAuth clients that ask for none.',
  ),
  oauth_features: words(oauthFeatures)(
    'POSTERN_OAUTH_FEATURES',
    '',
    `What the OAuth server does beyond the recorded one, with commas between: ${oauthFeatures.join(', ')}; or all.`,
  ),
  oauth_strict: bool(
    'POSTERN_OAUTH_STRICT',
    'true',
    'Keeps tokens of applications to GET /user and /oauth/userinfo; false lets them change the account and sign out, as the Go server does.',
  ),
  oauth_id_token_key: secret(
    text(
      'POSTERN_OAUTH_ID_TOKEN_KEY',
      '',
      'Private JWK (RS256 or ES256) that signs ID tokens, whatever signs access tokens; a key of ES256 is derived where none is there.',
    ),
  ),
  oauth_device_path: text(
    'POSTERN_OAUTH_DEVICE_PATH',
    '',
    'Path below GOTRUE_SITE_URL of the page on which people type the code of a device; the page of Postern when empty and pages are on.',
  ),
}
