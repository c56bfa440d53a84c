// postern doctor and broken configurations: each is found before, in one line that says what to do; what serve refuses
// doctor refuses, and what doctor alone refuses serve warns of.
import { type Broken, startBrokenConfigurations, testBroken } from '../support/broken-configurations.ts'

const { good, ports } = await startBrokenConfigurations()
const key = JSON.stringify([
  { kty: 'oct', kid: 'a', alg: 'HS256', k: 'c29tZSBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyE', key_ops: ['verify'] },
])
const hook = (uri: string) => ({
  GOTRUE_HOOK_BEFORE_USER_CREATED_ENABLED: 'true',
  GOTRUE_HOOK_BEFORE_USER_CREATED_URI: uri,
})
const broken: Broken[] = [
  {
    what: 'keys that are no JSON',
    env: () => ({ GOTRUE_JWT_KEYS: '[{' }),
    says: /^GOTRUE_JWT_KEYS: the value is not JSON$/,
    serve: 'refuses',
  },
  {
    what: 'keys of which none signs',
    env: () => ({ GOTRUE_JWT_KEYS: key }),
    says: /^GOTRUE_JWT_KEYS: no signing key detected$/,
    serve: 'refuses',
  },
  {
    what: 'valid methods without a key',
    env: () => ({ GOTRUE_JWT_VALID_METHODS: 'HS256,RS256' }),
    says: /^GOTRUE_JWT_VALID_METHODS names RS256, for which there is no key; take it out$/,
    serve: 'warns',
  },
  {
    what: 'a published secret',
    env: () => ({ GOTRUE_JWT_SECRET: 'super-secret-jwt-token-with-at-least-32-characters-long' }),
    says: /^GOTRUE_JWT_SECRET holds a published example/,
    serve: 'warns',
  },
  {
    what: 'a secret that is too short',
    env: () => ({ GOTRUE_JWT_SECRET: 'Vf3k-9Lq7sYtZ1w' }),
    says: /^GOTRUE_JWT_SECRET is shorter than 32 characters/,
    serve: 'warns',
  },
  {
    what: 'a port of mail that is none',
    env: () => ({ GOTRUE_SMTP_PORT: '99999' }),
    says: /^GOTRUE_SMTP_PORT must be a port, 1 to 65535$/,
    serve: 'refuses',
  },
  {
    what: 'a level of the log that is none',
    env: () => ({ GOTRUE_LOG_LEVEL: 'loud' }),
    says: /^GOTRUE_LOG_LEVEL must be trace or debug or/,
    serve: 'refuses',
  },
  {
    what: 'a negative length',
    env: () => ({ GOTRUE_PASSWORD_MIN_LENGTH: '-8' }),
    says: /^GOTRUE_PASSWORD_MIN_LENGTH must not be negative$/,
    serve: 'refuses',
  },
  {
    what: 'a log file in a missing folder',
    env: () => ({ GOTRUE_LOG_FILE: '/nowhere/at/all/postern.log' }),
    says: /^GOTRUE_LOG_FILE cannot be written: /,
    serve: 'refuses',
  },
  {
    what: 'no audience',
    env: () => ({ GOTRUE_JWT_AUD: '' }),
    says: /^GOTRUE_JWT_AUD is not set: .*; set authenticated$/,
    serve: 'warns',
  },
  {
    what: 'no role of accounts',
    env: () => ({ GOTRUE_JWT_DEFAULT_GROUP_NAME: '' }),
    says: /^GOTRUE_JWT_DEFAULT_GROUP_NAME is not set: .*; set authenticated$/,
    serve: 'warns',
  },
  {
    what: 'a provider without secret',
    env: () => ({ GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true', GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'a' }),
    says: /^GOTRUE_EXTERNAL_GITHUB_SECRET not set: each sign-in with github fails$/,
    serve: 'warns',
  },
  {
    what: 'a provider at an address where nothing is',
    env: () => ({
      GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true',
      GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: 'a',
      GOTRUE_EXTERNAL_KEYCLOAK_SECRET: 'b',
      GOTRUE_EXTERNAL_KEYCLOAK_URL: `http://127.0.0.1:${ports.closed}/realms/a`,
    }),
    says: /^GOTRUE_EXTERNAL_KEYCLOAK_URL: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a sender without credentials',
    env: () => ({
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_PROVIDER: 'twilio',
      GOTRUE_SMS_TWILIO_ACCOUNT_SID: 'AC1',
    }),
    says: /^GOTRUE_SMS_TWILIO_AUTH_TOKEN, GOTRUE_SMS_TWILIO_MESSAGE_SERVICE_SID not set: twilio cannot/,
    serve: 'warns',
  },
  {
    what: 'a mail server that is down',
    env: () => ({ GOTRUE_SMTP_PORT: String(ports.closed) }),
    says: /^GOTRUE_SMTP_HOST, GOTRUE_SMTP_PORT: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a hook whose function is missing',
    env: () => hook('pg-functions://postgres/public/nothing'),
    says: /^GOTRUE_HOOK_BEFORE_USER_CREATED_URI: function public\.nothing\(jsonb\) does not exist$/,
    serve: 'warns',
  },
  {
    what: 'a hook where nothing listens',
    env: () => hook(`http://127.0.0.1:${ports.closed}/hook`),
    says: /^GOTRUE_HOOK_BEFORE_USER_CREATED_URI: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a hook whose certificate has expired',
    env: () => ({
      ...hook(`https://127.0.0.1:${ports.expired}/`),
    }),
    says: /^GOTRUE_HOOK_BEFORE_USER_CREATED_URI: its certificate has expired: renew it there$/,
    serve: 'warns',
  },
  {
    what: 'a template that nobody serves',
    env: () => ({ GOTRUE_MAILER_TEMPLATES_RECOVERY: `http://127.0.0.1:${ports.closed}/mail.html` }),
    says: /^GOTRUE_MAILER_TEMPLATES_RECOVERY: the template cannot be read, .*nothing listens there/,
    serve: 'waits for the first mail',
  },
  {
    what: 'a folder of templates that is not there',
    env: () => ({ POSTERN_MAILER_TEMPLATES_DIR: '/nonexistent/templates' }),
    says: /^POSTERN_MAILER_TEMPLATES_DIR: the folder cannot be read; /,
    serve: 'warns',
  },
  {
    what: 'a subject that is no template',
    env: () => ({ GOTRUE_MAILER_SUBJECTS_INVITE: 'Hello {{ .Email' }),
    says: /^GOTRUE_MAILER_SUBJECTS_INVITE: the template cannot be used: /,
    serve: 'warns',
  },
  {
    what: 'Redis that is down',
    env: () => ({ POSTERN_RATE_LIMIT_STORE: 'redis', POSTERN_REDIS_URL: `redis://127.0.0.1:${ports.closed}` }),
    says: /^POSTERN_REDIS_URL: nothing listens there/,
    serve: 'warns',
  },
  {
    what: 'a port that is taken',
    env: () => ({ PORT: String(ports.taken) }),
    says: /^port \d+ is taken by another program: end it, or set another with PORT or --port$/,
    serve: 'refuses',
  },
  {
    what: "a name of Supabase's compose file",
    env: () => ({ GOTRUE_SITE_URL: '', SITE_URL: 'https://app.example.test' }),
    says: /^SITE_URL is a name of Supabase's compose file; this server reads GOTRUE_SITE_URL$/,
    serve: 'refuses',
  },
]

testBroken(good, broken)
