// Names that older versions of the Go server read, and what took their place.

/** What a name that is gone stood for now lies in, as the end of a sentence that begins with the name. */
export function goneName(name: string): string | null {
  const [, about] = gone.find(([pattern]) => pattern.test(name)) ?? []
  return about === undefined ? null : `${name} is gone: ${about}`
}

const gone: readonly (readonly [RegExp, string])[] = [
  [/^GOTRUE_MFA_ENABLED$/, 'GOTRUE_MFA_TOTP_ENROLL_ENABLED and GOTRUE_MFA_TOTP_VERIFY_ENABLED took its place'],
  [/^GOTRUE_EXTERNAL_EMAIL_DISABLED$/, 'GOTRUE_EXTERNAL_EMAIL_ENABLED=false took its place'],
  [/^GOTRUE_EXTERNAL_PHONE_DISABLED$/, 'GOTRUE_EXTERNAL_PHONE_ENABLED=false took its place'],
  [
    /^GOTRUE_EXTERNAL_SAML_/,
    'SAML 2.0 is set by GOTRUE_SAML_ENABLED and GOTRUE_SAML_PRIVATE_KEY, its providers by the API for administrators',
  ],
  [/^GOTRUE_WEBHOOK_/, 'hooks took its place, such as GOTRUE_HOOK_BEFORE_USER_CREATED_URI'],
  [/^GOTRUE_HOOK_\w+_(EVENTS|HOOK_NAME|NAME|RETRIES|TIMEOUT_SEC)$/, 'a hook has _ENABLED, _URI and _SECRETS alone'],
  [/^GOTRUE_HOOK_\w+_SECRET$/, 'its _SECRETS took its place'],
  [/^GOTRUE_COOKIES?_/, 'sessions are no longer kept in cookies; the application keeps its tokens'],
  [/^GOTRUE_(MULTI_INSTANCE_MODE|MULTIINSTANCEMODE|INSTANCE_ID)$/, 'one server serves one project'],
  [/^GOTRUE_DB_(AUTOMIGRATE|AUTO_MIGRATE)$/, 'migrations run at each start'],
  [/^GOTRUE_LOG_(DISABLE_COLORS|QUOTE_EMPTY_FIELDS|TSFORMAT|TS_FORMAT)$/, 'the log is JSON, a line an event'],
  [/^GOTRUE_MAILER_(URL_PATHS|URLPATH)_\w+$/, 'GOTRUE_MAILER_URLPATHS_… took its place'],
  [/^GOTRUE_MAILER_(HOST|PORT|USER|PASS|ADMIN_EMAIL|MAX_FREQUENCY)$/, 'GOTRUE_SMTP_… took its place'],
  [/^GOTRUE_SECURITY_CAPTCHA_PROVIDER_SECRET$/, 'GOTRUE_SECURITY_CAPTCHA_SECRET took its place'],
  [/^GOTRUE_TRACING_(ACCESS_TOKEN|SERVICE)$/, 'tracing goes by OpenTelemetry, whose own variables OTEL_… set it'],
]
