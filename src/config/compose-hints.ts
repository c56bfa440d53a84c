// Variables as Supabase's compose file names them outside of its containers, and what this server reads instead.

/** Our name by theirs. */
const composeNames: Record<string, string> = {
  SITE_URL: 'GOTRUE_SITE_URL',
  ADDITIONAL_REDIRECT_URLS: 'GOTRUE_URI_ALLOW_LIST',
  JWT_SECRET: 'GOTRUE_JWT_SECRET',
  JWT_EXPIRY: 'GOTRUE_JWT_EXP',
  JWT_KEYS: 'GOTRUE_JWT_KEYS',
  DISABLE_SIGNUP: 'GOTRUE_DISABLE_SIGNUP',
  ENABLE_EMAIL_SIGNUP: 'GOTRUE_EXTERNAL_EMAIL_ENABLED',
  ENABLE_EMAIL_AUTOCONFIRM: 'GOTRUE_MAILER_AUTOCONFIRM',
  ENABLE_ANONYMOUS_USERS: 'GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED',
  ENABLE_PHONE_SIGNUP: 'GOTRUE_EXTERNAL_PHONE_ENABLED',
  ENABLE_PHONE_AUTOCONFIRM: 'GOTRUE_SMS_AUTOCONFIRM',
  SMTP_HOST: 'GOTRUE_SMTP_HOST',
  SMTP_PORT: 'GOTRUE_SMTP_PORT',
  SMTP_USER: 'GOTRUE_SMTP_USER',
  SMTP_PASS: 'GOTRUE_SMTP_PASS',
  SMTP_ADMIN_EMAIL: 'GOTRUE_SMTP_ADMIN_EMAIL',
  SMTP_SENDER_NAME: 'GOTRUE_SMTP_SENDER_NAME',
  MAILER_URLPATHS_INVITE: 'GOTRUE_MAILER_URLPATHS_INVITE',
  MAILER_URLPATHS_CONFIRMATION: 'GOTRUE_MAILER_URLPATHS_CONFIRMATION',
  MAILER_URLPATHS_RECOVERY: 'GOTRUE_MAILER_URLPATHS_RECOVERY',
  MAILER_URLPATHS_EMAIL_CHANGE: 'GOTRUE_MAILER_URLPATHS_EMAIL_CHANGE',
}

/** Sentences on variables that are set under the compose file's name alone, which no server reads. */
export function composeHints(env: Record<string, string | undefined>): string[] {
  const hints = Object.entries(composeNames).flatMap(([theirs, ours]) =>
    env[theirs] && !env[ours] ? `${theirs} is a name of Supabase's compose file; this server reads ${ours}` : [],
  )
  const hasDatabase = env.DATABASE_URL || env.GOTRUE_DB_DATABASE_URL || env.POSTERN_DB_DRIVER
  if (env.POSTGRES_PASSWORD && env.POSTGRES_HOST && !hasDatabase)
    hints.push(
      "POSTGRES_HOST and POSTGRES_PASSWORD are names of Supabase's compose file; this server reads DATABASE_URL, postgres://supabase_auth_admin:<password>@<host>:5432/postgres",
    )
  return hints
}
