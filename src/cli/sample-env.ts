// A first .env for `postern serve`: what has to be set, what most want to set, each with what it does.
import { type Config, keys } from '../config/keys.ts'

/** What is known when the file is made. */
export interface SampleValues {
  database_url: string
  api_external_url: string
  site_url: string
  jwt_secret: string
  server_key: string
}

/** Names in the configuration whose variables exist once. */
type Name = Exclude<
  keyof Config,
  'external' | 'hooks' | `mailer_${'subjects' | 'templates' | 'urlpaths' | 'notifications'}`
>

/** A variable, and its value; one that is off stands in a comment. */
type Row = [name: Name, value: string, state?: 'off']

const parts = (values: SampleValues): [title: string, rows: Row[]][] => [
  [
    'Addresses',
    [
      ['api_external_url', values.api_external_url],
      ['site_url', values.site_url],
      ['uri_allow_list', `${values.site_url}/**`],
      ['api_port', '8081'],
      ['trusted_proxies', '10.0.0.0/8', 'off'],
      ['cors_allowed_headers', 'apikey', 'off'],
    ],
  ],
  [
    'Database',
    [
      ['database_url', values.database_url],
      ['server_key', values.server_key],
    ],
  ],
  [
    'Tokens and accounts',
    [
      ['jwt_secret', values.jwt_secret],
      ['jwt_exp', '3600'],
      ['jwt_aud', 'authenticated'],
      ['jwt_default_group_name', 'authenticated'],
      ['jwt_admin_roles', 'service_role,supabase_admin'],
      ['jwt_issuer', values.api_external_url, 'off'],
      ['disable_signup', 'true', 'off'],
      ['password_min_length', '8'],
    ],
  ],
  [
    'Mail',
    [
      ['smtp_host', 'localhost'],
      ['smtp_port', '587'],
      ['smtp_user', '', 'off'],
      ['smtp_pass', '', 'off'],
      ['smtp_admin_email', 'no-reply@example.com'],
      ['smtp_sender_name', 'Example'],
      ['mail_text', 'true'],
      ['verify_confirm', 'true'],
    ],
  ],
  [
    'Pages for people and the console of operators (docs/pages.md, docs/console.md)',
    [
      ['pages', 'true', 'off'],
      ['pages_url', values.api_external_url, 'off'],
      ['console', 'true', 'off'],
      ['console_require_aal2', 'true', 'off'],
    ],
  ],
  [
    'Operation',
    [
      ['log_level', 'info'],
      ['db_cleanup_enabled', 'true'],
      ['db_max_pool_size', '10', 'off'],
      ['metrics_enabled', 'true', 'off'],
      ['metrics_exporter', 'prometheus', 'off'],
    ],
  ],
]

/** A value as `.env` files have it; single quotes keep every character. */
const quoted = (value: string): string => (/^[\w./:@,*?=&%~+-]*$/.test(value) ? value : `'${value}'`)

/** The text of the file. */
export function sampleEnv(values: SampleValues): string {
  const sections = parts(values).map(([title, rows]) => {
    const lines = rows.map(([name, value, state]) => {
      const { env, about } = keys[name]
      return `# ${about}\n${state === 'off' ? '#' : ''}${env.at(-1)}=${quoted(value)}\n`
    })
    return `## ${title}\n\n${lines.join('\n')}`
  })
  return `# Configuration of postern serve, made by postern init. Its secrets are new, and nobody else has them: keep it so.
# Then: postern doctor --config FILE, and postern serve --config FILE. Every variable is in docs/configuration.md.
# API keys for clients: postern admin token --role anon, and --role service_role, with --config FILE.

${sections.join('\n')}`
}
