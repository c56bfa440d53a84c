// What `postern dev` runs with where nothing is configured: everything that `serve` would need variables for.
import type { DevSecrets } from './secrets.ts'

/** The address that `postern dev` listens on: nothing leaves the machine. */
export const devHost = '127.0.0.1'

/** Where the server on a port posts messages to phones; it is never asked there, they appear in the inbox. */
export const phoneNetwork = (port: number): string => `http://${devHost}:${port}/__phones`

/** The variables of a development server on a port, whose mails go to the inbox that listens on another. */
export const devVariables = (ports: { port: number; smtp_port: number }, secrets: DevSecrets) => ({
  API_EXTERNAL_URL: `http://${devHost}:${ports.port}/auth/v1`,
  POSTERN_BASE_PATH: '/auth/v1',
  GOTRUE_SITE_URL: 'http://localhost:3000',
  GOTRUE_URI_ALLOW_LIST: 'http://localhost:*/**,http://127.0.0.1:*/**',
  GOTRUE_JWT_SECRET: secrets.jwt_secret,
  POSTERN_SERVER_KEY: secrets.server_key,
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_JWT_ADMIN_ROLES: 'service_role,supabase_admin',
  GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
  GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
  GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
  GOTRUE_SMS_PROVIDER: 'http',
  GOTRUE_SMS_MAX_FREQUENCY: '1s',
  POSTERN_SMS_HTTP_URL: phoneNetwork(ports.port),
  GOTRUE_SMTP_HOST: devHost,
  GOTRUE_SMTP_PORT: String(ports.smtp_port),
  GOTRUE_SMTP_ADMIN_EMAIL: 'postern@localhost',
  GOTRUE_SMTP_SENDER_NAME: 'Postern',
  GOTRUE_SMTP_MAX_FREQUENCY: '1s',
  POSTERN_MAIL_TEXT: 'true',
  POSTERN_MAIL_LOOK: 'pages',
  POSTERN_VERIFY_CONFIRM: 'true',
  POSTERN_PAGES: 'true',
  POSTERN_CONSOLE: 'true',
  // Browsers use passkeys on localhost, but not on 127.0.0.1.
  POSTERN_PAGES_URL: `http://localhost:${ports.port}`,
  // Browsers reach this server directly, without the gateway that answers for these headers elsewhere.
  GOTRUE_CORS_ALLOWED_HEADERS: 'apikey,prefer,x-retry-count,x-region',
  GOTRUE_LOG_LEVEL: 'warn',
})
