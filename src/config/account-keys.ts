// Variables of accounts: how people sign in, tokens, sessions, security, and features.
import {
  address,
  assignments,
  bool,
  characters,
  choice,
  duration,
  filledText,
  int,
  list,
  map,
  number,
  percent,
  seconds,
  secret,
  text,
  timeout,
} from './key-types.ts'

/** Ways to sign in. */
export const signInKeys = {
  disable_signup: bool(
    'GOTRUE_DISABLE_SIGNUP',
    '',
    'Refuses new accounts; administrators can still make and invite them.',
  ),
  external_email_enabled: bool('GOTRUE_EXTERNAL_EMAIL_ENABLED', 'true', 'Lets people sign in by e-mail address.'),
  external_email_magic_link_enabled: bool(
    'GOTRUE_EXTERNAL_EMAIL_MAGIC_LINK_ENABLED',
    'true',
    'Lets people sign in by a link or code in a mail.',
  ),
  external_email_authorized_addresses: list(
    'GOTRUE_EXTERNAL_EMAIL_AUTHORIZED_ADDRESSES',
    '',
    'The only e-mail addresses that mail is sent to; all when empty.',
  ),
  external_phone_enabled: bool('GOTRUE_EXTERNAL_PHONE_ENABLED', 'false', 'Lets people sign in by phone number.'),
  external_anonymous_users_enabled: bool(
    'GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED',
    'false',
    'Lets people in without an address; they may add one later.',
  ),
  external_redirecturl: text(
    'GOTRUE_EXTERNAL_REDIRECTURL',
    '',
    'Where a failed sign-in with a provider ends when its flow names no address.',
  ),
  external_ios_bundle_id: text(
    'GOTRUE_EXTERNAL_IOS_BUNDLE_ID',
    '',
    'Bundle id of an iOS app, accepted as audience of ID tokens by Apple.',
  ),
  external_allowed_id_token_issuers: list(
    'GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS',
    'https://appleid.apple.com,https://accounts.google.com',
    'Issuers whose ID tokens are accepted besides those of enabled providers.',
  ),
  external_flow_state_expiry_duration: duration(
    'GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION',
    '300s',
    'Time in which a begun sign-in must be finished, and its code exchanged; never less than 300s.',
  ),
  external_oidc_provider_cache_ttl: duration(
    'GOTRUE_EXTERNAL_OIDC_PROVIDER_CACHE_TTL',
    '1h',
    'Time for which the discovery documents of OpenID providers are kept.',
  ),
  external_web3_ethereum_enabled: bool(
    'GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED',
    '',
    'Lets people sign in with an Ethereum wallet.',
  ),
  external_web3_ethereum_maximum_validity_duration: duration(
    'GOTRUE_EXTERNAL_WEB3_ETHEREUM_MAXIMUM_VALIDITY_DURATION',
    '10m',
    'Age at most of a message that an Ethereum wallet signed.',
  ),
  external_web3_solana_enabled: bool(
    'GOTRUE_EXTERNAL_WEB3_SOLANA_ENABLED',
    '',
    'Lets people sign in with a Solana wallet.',
  ),
  external_web3_solana_maximum_validity_duration: duration(
    'GOTRUE_EXTERNAL_WEB3_SOLANA_MAXIMUM_VALIDITY_DURATION',
    '10m',
    'Age at most of a message that a Solana wallet signed.',
  ),
  custom_oauth_enabled: bool(
    'GOTRUE_CUSTOM_OAUTH_ENABLED',
    'true',
    'Lets administrators add OAuth and OpenID providers while the server runs.',
  ),
  custom_oauth_max_providers: int(
    'GOTRUE_CUSTOM_OAUTH_MAX_PROVIDERS',
    '0',
    'Providers that administrators can add at most; 0 for no limit.',
  ),
  custom_oauth_external_url: address(
    'GOTRUE_CUSTOM_OAUTH_EXTERNAL_URL',
    '',
    'Base of the callback address for added providers; API_EXTERNAL_URL when empty.',
  ),
  allow_private_providers: bool(
    'POSTERN_ALLOW_PRIVATE_PROVIDERS',
    'false',
    'Lets added providers have addresses in private networks.',
  ),
  provider_tokens: text(
    'POSTERN_PROVIDER_TOKENS',
    '',
    'With store, tokens of providers are kept, encrypted; otherwise only the application gets them.',
  ),
  verify_confirm: bool(
    'POSTERN_VERIFY_CONFIRM',
    'false',
    'Shows a page with a button behind links in mails, so that programs that scan mail cannot use them up.',
  ),
  audiences: list(
    'POSTERN_AUDIENCES',
    '',
    'Audiences besides GOTRUE_JWT_AUD for which X-JWT-AUD may have an account made; lookups take any.',
  ),
  link_confirm: bool(
    'POSTERN_LINK_CONFIRM',
    'true',
    'Links an identity without PKCE only once the person has agreed, on a page that names both accounts.',
  ),
  hide_unknown_accounts: bool(
    'POSTERN_HIDE_UNKNOWN_ACCOUNTS',
    'false',
    'Answers POST /otp with create_user=false alike for known and unknown addresses, where the recorded answer tells them apart.',
  ),
}

/** Passwords and protection. */
export const securityKeys = {
  password_min_length: int(
    'GOTRUE_PASSWORD_MIN_LENGTH',
    '6',
    'Bytes of a new password at least, one for a plain letter; never less than 6.',
  ),
  password_required_characters: characters(
    'GOTRUE_PASSWORD_REQUIRED_CHARACTERS',
    '',
    'Sets of characters such as abc:0123456789; a new password needs one character of each.',
  ),
  password_hibp_enabled: bool(
    'GOTRUE_PASSWORD_HIBP_ENABLED',
    '',
    'Refuses new passwords that haveibeenpwned.com knows from leaks; it sees five characters of a hash.',
  ),
  password_hibp_fail_closed: bool(
    'GOTRUE_PASSWORD_HIBP_FAIL_CLOSED',
    '',
    'Refuses all new passwords while haveibeenpwned.com cannot be reached.',
  ),
  password_hibp_user_agent: filledText(
    'GOTRUE_PASSWORD_HIBP_USER_AGENT',
    'https://github.com/supabase/gotrue',
    'Name under which haveibeenpwned.com is asked.',
  ),
  password_hibp_bloom_enabled: bool(
    'GOTRUE_PASSWORD_HIBP_BLOOM_ENABLED',
    '',
    'Has no effect: answers of haveibeenpwned.com are not kept.',
  ),
  password_hibp_bloom_items: int(
    'GOTRUE_PASSWORD_HIBP_BLOOM_ITEMS',
    '100000',
    'Has no effect: answers of haveibeenpwned.com are not kept.',
  ),
  password_hibp_bloom_false_positives: number(
    'GOTRUE_PASSWORD_HIBP_BLOOM_FALSE_POSITIVES',
    '0.0000099',
    'Has no effect: answers of haveibeenpwned.com are not kept.',
  ),
  security_captcha_enabled: bool(
    'GOTRUE_SECURITY_CAPTCHA_ENABLED',
    'false',
    'Asks for the token of a solved captcha where accounts, sessions and mails are asked for.',
  ),
  security_captcha_provider: text(
    'GOTRUE_SECURITY_CAPTCHA_PROVIDER',
    'hcaptcha',
    'Captcha service: hcaptcha, turnstile or recaptcha.',
  ),
  security_captcha_secret: secret(text('GOTRUE_SECURITY_CAPTCHA_SECRET', '', 'Secret at the captcha service.')),
  security_captcha_timeout: timeout(
    'GOTRUE_SECURITY_CAPTCHA_TIMEOUT',
    '10s',
    'Time in which the captcha service must answer.',
  ),
  security_captcha_url: address(
    'POSTERN_CAPTCHA_URL',
    '',
    "Address that stands for the captcha service's own, for a gateway of yours or a test.",
  ),
  security_refresh_token_rotation_enabled: bool(
    'GOTRUE_SECURITY_REFRESH_TOKEN_ROTATION_ENABLED',
    'true',
    'Ends a session when one of its old refresh tokens comes back, since it may be stolen.',
  ),
  security_refresh_token_reuse_interval: seconds(
    'GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL',
    '',
    'Seconds for which a used refresh token works again, for browsers that refresh twice at once.',
  ),
  security_refresh_token_algorithm_version: int(
    'GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION',
    '',
    'Form of refresh tokens: 2 for signed ones, 0 or 1 for random ones that are stored.',
  ),
  security_refresh_token_upgrade_percentage: percent(
    'GOTRUE_SECURITY_REFRESH_TOKEN_UPGRADE_PERCENTAGE',
    '',
    'Share of old sessions, in percent, that move to signed refresh tokens when they are refreshed.',
  ),
  security_refresh_token_allow_reuse: bool(
    'GOTRUE_SECURITY_REFRESH_TOKEN_ALLOW_REUSE',
    '',
    'Lets signed refresh tokens be used again at any time.',
  ),
  security_update_password_require_reauthentication: bool(
    'GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION',
    '',
    'Asks people whose session is older than a day for a code before they set a password.',
  ),
  security_update_password_require_current_password: bool(
    'GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD',
    '',
    'Asks people for their current password before they set another.',
  ),
  security_manual_linking_enabled: bool(
    'GOTRUE_SECURITY_MANUAL_LINKING_ENABLED',
    'false',
    'Lets people link further identities to their account, and unlink them.',
  ),
  security_sb_forwarded_for_enabled: bool(
    'GOTRUE_SECURITY_SB_FORWARDED_FOR_ENABLED',
    'false',
    "Believes the client's address in the header sb-forwarded-for; only behind a gateway that sets it.",
  ),
  security_db_encryption_encrypt: bool(
    'GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT',
    '',
    'Encrypts password hashes, TOTP secrets and other secrets in the database.',
  ),
  security_db_encryption_encryption_key_id: text(
    'GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY_ID',
    '',
    'Name of the key that encrypts, stored beside each value.',
  ),
  security_db_encryption_encryption_key: secret(
    text(
      'GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY',
      '',
      'Key that encrypts: 32 bytes in base64url without padding.',
    ),
  ),
  security_db_encryption_decryption_keys: secret(
    map(
      'GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS',
      '',
      'All keys that stored values may need, by name; the one that encrypts must be among them.',
    ),
  ),
  hook_allow_http_hosts: list(
    'POSTERN_HOOK_ALLOW_HTTP_HOSTS',
    '',
    'Host names in your private network at which hooks may be called without TLS.',
  ),
}

/** Tokens and sessions. */
export const tokenKeys = {
  jwt_secret: secret(
    text(
      'GOTRUE_JWT_SECRET',
      '',
      'Secret of at least 32 characters that signs access tokens (HS256), unless GOTRUE_JWT_KEYS does. Required.',
    ),
  ),
  jwt_keys: secret(
    text(
      'GOTRUE_JWT_KEYS',
      '',
      'JSON list of private JWK; the one whose key_ops contain sign signs access tokens. A public JWK with the member aws:kms:arn is signed for by AWS KMS.',
    ),
  ),
  jwt_key_id: text('GOTRUE_JWT_KEY_ID', '', 'Name of the secret in the header kid of tokens that it signs.'),
  jwt_valid_methods: list(
    'GOTRUE_JWT_VALID_METHODS',
    '',
    'Algorithms of tokens that are accepted; those of the keys when empty.',
  ),
  jwt_exp: seconds('GOTRUE_JWT_EXP', '3600', 'Seconds for which an access token is good; 3600 when 0.'),
  jwt_issuer: text('GOTRUE_JWT_ISSUER', '', 'Claim iss of access tokens; none when empty.'),
  jwt_aud: text('GOTRUE_JWT_AUD', '', 'Audience of new accounts, and where accounts are looked up.'),
  jwt_default_group_name: text(
    'GOTRUE_JWT_DEFAULT_GROUP_NAME',
    '',
    'Role of new accounts; the role of the database that row-level security sees.',
  ),
  jwt_admin_group_name: filledText(
    'GOTRUE_JWT_ADMIN_GROUP_NAME',
    'admin',
    'Role whose members may change their own app_metadata.',
  ),
  jwt_admin_roles: list(
    'GOTRUE_JWT_ADMIN_ROLES',
    'service_role,supabase_admin',
    'Roles whose tokens may call the routes for administrators.',
  ),
  sessions_timebox: duration(
    'GOTRUE_SESSIONS_TIMEBOX',
    '',
    'Time after which a session can no longer be refreshed; 0 for no limit.',
  ),
  sessions_inactivity_timeout: duration(
    'GOTRUE_SESSIONS_INACTIVITY_TIMEOUT',
    '',
    'Time without a refresh after which a session can no longer be refreshed; 0 for no limit.',
  ),
  sessions_allow_low_aal: duration(
    'GOTRUE_SESSIONS_ALLOW_LOW_AAL',
    '',
    'Time in which people who have a second factor must show it, or their session ends; 0 for no limit.',
  ),
  sessions_single_per_user: bool(
    'GOTRUE_SESSIONS_SINGLE_PER_USER',
    '',
    'Lets only the session of a person that was refreshed last go on.',
  ),
  sessions_tags: list(
    'GOTRUE_SESSIONS_TAGS',
    '',
    'Kinds of sessions of which each person may have one, with GOTRUE_SESSIONS_SINGLE_PER_USER.',
  ),
}

/** Second factors, passkeys, single sign-on, the OAuth server and experiments. */
export const featureKeys = {
  mfa_totp_enroll_enabled: bool(
    'GOTRUE_MFA_TOTP_ENROLL_ENABLED',
    'true',
    'Lets people add an authenticator app as second factor.',
  ),
  mfa_totp_verify_enabled: bool('GOTRUE_MFA_TOTP_VERIFY_ENABLED', 'true', 'Accepts codes of authenticator apps.'),
  mfa_recovery_codes_enroll_enabled: bool(
    'GOTRUE_MFA_RECOVERY_CODES_ENROLL_ENABLED',
    'true',
    'Lets people with a second factor make ten codes for the day that they lose it.',
  ),
  mfa_recovery_codes_verify_enabled: bool(
    'GOTRUE_MFA_RECOVERY_CODES_VERIFY_ENABLED',
    'true',
    'Accepts recovery codes in the place of a second factor.',
  ),
  mfa_trusted_devices: bool(
    'POSTERN_MFA_TRUSTED_DEVICES',
    'false',
    'Lets people be spared the second factor on devices of their own for a while.',
  ),
  mfa_trusted_device_duration: duration(
    'POSTERN_MFA_TRUSTED_DEVICE_DURATION',
    '720h',
    'Time for which a device is trusted; never more than 720h.',
  ),
  mfa_required: choice('off', 'admins', 'all')(
    'POSTERN_MFA_REQUIRED',
    'off',
    'Who must have a second factor: nobody, accounts with a role of administrators, or everybody.',
  ),
  mfa_pending_role: text(
    'POSTERN_MFA_PENDING_ROLE',
    'anon',
    'Role in tokens of people who must show a second factor and have not yet.',
  ),
  mfa_phone_enroll_enabled: bool(
    'GOTRUE_MFA_PHONE_ENROLL_ENABLED',
    'false',
    'Lets people add a phone number as second factor.',
  ),
  mfa_phone_verify_enabled: bool(
    'GOTRUE_MFA_PHONE_VERIFY_ENABLED',
    'false',
    'Accepts codes sent to a phone as second factor.',
  ),
  mfa_phone_otp_length: int(
    'GOTRUE_MFA_PHONE_OTP_LENGTH',
    '6',
    'Digits of codes of a second factor, 6 to 10; 6 for any other number.',
  ),
  mfa_phone_max_frequency: duration(
    'GOTRUE_MFA_PHONE_MAX_FREQUENCY',
    '1m',
    'Time between two codes sent to one factor.',
  ),
  mfa_phone_template: text(
    'GOTRUE_MFA_PHONE_TEMPLATE',
    '',
    'Text of a message with a code of a second factor; "Your code is {{ .Code }}" when empty.',
  ),
  mfa_web_authn_enroll_enabled: bool(
    'GOTRUE_MFA_WEB_AUTHN_ENROLL_ENABLED',
    'false',
    'Lets people add a security key as second factor.',
  ),
  mfa_web_authn_verify_enabled: bool(
    'GOTRUE_MFA_WEB_AUTHN_VERIFY_ENABLED',
    'false',
    'Accepts security keys as second factor.',
  ),
  mfa_challenge_expiry_duration: number(
    'GOTRUE_MFA_CHALLENGE_EXPIRY_DURATION',
    '300',
    'Seconds in which the challenge of a second factor must be answered; never less than 300.',
  ),
  mfa_factor_expiry_duration: duration(
    'GOTRUE_MFA_FACTOR_EXPIRY_DURATION',
    '300s',
    'Age at which a second factor that was never verified is deleted; never less than 300s.',
  ),
  mfa_rate_limit_challenge_and_verify: number(
    'GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY',
    '15',
    'Challenges and answers of second factors in a minute, each counted alone.',
  ),
  mfa_max_enrolled_factors: number(
    'GOTRUE_MFA_MAX_ENROLLED_FACTORS',
    '10',
    'Second factors of a person at most, verified or not.',
  ),
  mfa_max_verified_factors: int(
    'GOTRUE_MFA_MAX_VERIFIED_FACTORS',
    '10',
    'Verified second factors of a person at most.',
  ),
  passkey_enabled: bool('GOTRUE_PASSKEY_ENABLED', 'false', 'Lets people sign in with a passkey.'),
  passkey_max_passkeys_per_user: int('GOTRUE_PASSKEY_MAX_PASSKEYS_PER_USER', '10', 'Passkeys of a person at most.'),
  webauthn_rp_id: address(
    'GOTRUE_WEBAUTHN_RP_ID',
    '',
    'Domain that passkeys and security keys belong to, such as example.com; the host of GOTRUE_SITE_URL when empty. Changing it makes all of them useless.',
  ),
  webauthn_rp_display_name: text(
    'GOTRUE_WEBAUTHN_RP_DISPLAY_NAME',
    '',
    'Name that people see when they make a passkey; the domain when empty.',
  ),
  webauthn_rp_origins: list(
    'GOTRUE_WEBAUTHN_RP_ORIGINS',
    '',
    'Origins of pages that may use passkeys and security keys, such as https://app.example.com; that of GOTRUE_SITE_URL when empty.',
  ),
  webauthn_challenge_expiry_duration: duration(
    'GOTRUE_WEBAUTHN_CHALLENGE_EXPIRY_DURATION',
    '5m',
    'Time in which a passkey must answer.',
  ),
  saml_enabled: bool(
    'GOTRUE_SAML_ENABLED',
    '',
    'Lets people sign in with the identity provider of their company, by SAML 2.0.',
  ),
  saml_private_key: secret(
    text('GOTRUE_SAML_PRIVATE_KEY', '', 'RSA key of this service provider: PKCS #1 in base64, at least 2048 bits.'),
  ),
  saml_private_key_next: secret(
    text('GOTRUE_SAML_PRIVATE_KEY_NEXT', '', 'RSA key that takes over next, published beside the other.'),
  ),
  saml_allow_encrypted_assertions: bool(
    'GOTRUE_SAML_ALLOW_ENCRYPTED_ASSERTIONS',
    '',
    'Publishes a key for encrypted assertions, and accepts those for the next key too. Changes the certificate.',
  ),
  saml_relay_state_validity_period: duration(
    'GOTRUE_SAML_RELAY_STATE_VALIDITY_PERIOD',
    '',
    'Time in which a sign-in by SAML must be finished; 2m when 0.',
  ),
  saml_external_url: address(
    'GOTRUE_SAML_EXTERNAL_URL',
    '',
    'Address of this service provider; API_EXTERNAL_URL when empty.',
  ),
  saml_rate_limit_assertion: number(
    'GOTRUE_SAML_RATE_LIMIT_ASSERTION',
    '15',
    'Answers of identity providers in five minutes.',
  ),
  experimental_provider_linking_domains: assignments(
    'GOTRUE_EXPERIMENTAL_PROVIDER_LINKING_DOMAINS',
    '',
    'Linking domains of providers, such as github=social: identities are only linked automatically within one domain.',
  ),
  experimental_providers_with_own_linking_domain: list(
    'GOTRUE_EXPERIMENTAL_PROVIDERS_WITH_OWN_LINKING_DOMAIN',
    '',
    'Providers whose identities are only linked automatically among themselves.',
  ),
  experimental_cursor_pagination_enabled: bool(
    'GOTRUE_EXPERIMENTAL_CURSOR_PAGINATION_ENABLED',
    'false',
    'Lets administrators read the list of users by cursor.',
  ),
  experimental_create_email_identity_on_password_set_enabled: bool(
    'GOTRUE_EXPERIMENTAL_CREATE_EMAIL_IDENTITY_ON_PASSWORD_SET_ENABLED',
    'false',
    'Makes an e-mail identity when an account of another kind gets its first password.',
  ),
  experimental_scim_enabled: bool(
    'GOTRUE_EXPERIMENTAL_SCIM_ENABLED',
    'false',
    'Describes a SCIM 2.0 service below /scim/v2 that manages no accounts, as the reference does.',
  ),
  scim_enabled: bool(
    'POSTERN_SCIM_ENABLED',
    'false',
    'Lets the identity providers of companies manage their people and groups below /scim/v2 (SCIM 2.0).',
  ),
}
