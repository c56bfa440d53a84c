// What moves from one database to another, as data: an export reads these tables, an import writes them.

/** A table and what is told of it. */
export interface PortableTable {
  /** Its name in files. */
  name: string
  table: string
  columns: readonly string[]
  /** Columns that make a row the same row, with a unique index. */
  key: readonly string[]
  /** Columns that are encrypted at rest under the row's id, where encryption is on. */
  encrypted?: readonly string[]
  /** JSON objects that a newer row adds to. */
  merged?: readonly string[]
  /** Whether its rows are exported with --with-secrets only. */
  secret?: boolean
}

/** Columns of auth.users that are told of an account; the password has a field of its own. */
export const userColumns = [
  'id',
  'aud',
  'role',
  'email',
  'phone',
  'email_confirmed_at',
  'phone_confirmed_at',
  'invited_at',
  'last_sign_in_at',
  'created_at',
  'updated_at',
  'banned_until',
  'is_anonymous',
  'is_sso_user',
  'is_super_admin',
  'raw_app_meta_data',
  'raw_user_meta_data',
] as const

/** Tables of which each row belongs to an account by `user_id`. */
export const accountTables = [
  {
    name: 'identities',
    table: 'auth.identities',
    columns: ['id', 'provider', 'provider_id', 'identity_data', 'last_sign_in_at', 'created_at', 'updated_at'],
    key: ['provider_id', 'provider'],
    merged: ['identity_data'],
  },
  {
    name: 'factors',
    table: 'auth.mfa_factors',
    columns: [
      'id',
      'factor_type',
      'status',
      'friendly_name',
      'phone',
      'secret',
      'web_authn_aaguid',
      'web_authn_credential',
      'last_webauthn_challenge_data',
      'created_at',
      'updated_at',
    ],
    key: ['id'],
    encrypted: ['secret'],
    secret: true,
  },
  {
    name: 'passkeys',
    table: 'auth.webauthn_credentials',
    columns: [
      'id',
      'credential_id',
      'public_key',
      'sign_count',
      'aaguid',
      'attestation_type',
      'transports',
      'backup_eligible',
      'backed_up',
      'friendly_name',
      'last_used_at',
      'created_at',
      'updated_at',
    ],
    key: ['id'],
  },
  {
    name: 'recovery_code_sets',
    table: 'postern.recovery_code_sets',
    columns: ['id', 'friendly_name', 'created_at', 'updated_at'],
    key: ['id'],
    secret: true,
  },
  {
    name: 'recovery_codes',
    table: 'postern.recovery_codes',
    columns: ['set_id', 'code_hash', 'used_at'],
    key: ['set_id', 'code_hash'],
    secret: true,
  },
  {
    name: 'scim_users',
    table: 'postern.scim_users',
    columns: [
      'sso_provider_id',
      'identity_id',
      'user_name',
      'external_id',
      'active',
      'attributes',
      'version',
      'created_at',
      'updated_at',
    ],
    key: ['user_id'],
  },
  {
    name: 'scim_members',
    table: 'postern.scim_members',
    columns: ['group_id'],
    key: ['group_id', 'user_id'],
  },
] as const satisfies readonly PortableTable[]

/** Tables of which rows belong to nobody. */
export const sharedTables = [
  {
    name: 'sso_providers',
    table: 'auth.sso_providers',
    columns: ['id', 'resource_id', 'disabled', 'created_at', 'updated_at'],
    key: ['id'],
  },
  {
    name: 'sso_domains',
    table: 'auth.sso_domains',
    columns: ['id', 'sso_provider_id', 'domain', 'created_at', 'updated_at'],
    key: ['id'],
  },
  {
    name: 'saml_providers',
    table: 'auth.saml_providers',
    columns: [
      'id',
      'sso_provider_id',
      'entity_id',
      'metadata_xml',
      'metadata_url',
      'attribute_mapping',
      'name_id_format',
      'created_at',
      'updated_at',
    ],
    key: ['id'],
  },
  {
    name: 'scim_tokens',
    table: 'postern.scim_tokens',
    columns: ['id', 'sso_provider_id', 'name', 'token_hash', 'created_at', 'last_used_at', 'expires_at'],
    key: ['id'],
    secret: true,
  },
  {
    name: 'scim_groups',
    table: 'postern.scim_groups',
    columns: ['id', 'sso_provider_id', 'display_name', 'external_id', 'version', 'created_at', 'updated_at'],
    key: ['id'],
  },
  {
    name: 'custom_oauth_providers',
    table: 'auth.custom_oauth_providers',
    columns: [
      'id',
      'identifier',
      'name',
      'provider_type',
      'client_id',
      'client_secret',
      'acceptable_client_ids',
      'scopes',
      'pkce_enabled',
      'attribute_mapping',
      'authorization_params',
      'custom_claims_allowlist',
      'enabled',
      'email_optional',
      'issuer',
      'discovery_url',
      'cached_discovery',
      'discovery_cached_at',
      'skip_nonce_check',
      'authorization_url',
      'token_url',
      'userinfo_url',
      'jwks_uri',
      'created_at',
      'updated_at',
    ],
    key: ['id'],
    encrypted: ['client_secret'],
    secret: true,
  },
  {
    name: 'oauth_clients',
    table: 'auth.oauth_clients',
    columns: [
      'id',
      'client_name',
      'client_uri',
      'logo_uri',
      'client_secret_hash',
      'client_type',
      'registration_type',
      'redirect_uris',
      'grant_types',
      'token_endpoint_auth_method',
      'created_at',
      'updated_at',
      'deleted_at',
    ],
    key: ['id'],
    secret: true,
  },
  {
    name: 'oauth_client_metadata',
    table: 'postern.oauth_client_metadata',
    columns: ['id', 'metadata'],
    key: ['id'],
    secret: true,
  },
] as const satisfies readonly PortableTable[]

/** Names of the tables of accounts. */
export type AccountTableName = (typeof accountTables)[number]['name']

/** What stays behind: how many rows there are is told, and why. */
export const leftOutTables: readonly { table: string; only?: string; what: string; why: string }[] = [
  {
    table: 'auth.users',
    only: 'deleted_at is not null',
    what: 'deleted accounts',
    why: 'nothing is left of them but an id',
  },
  { table: 'auth.sessions', what: 'sessions', why: 'people sign in again' },
  { table: 'auth.one_time_tokens', what: 'links and codes under way', why: 'people ask for them again' },
  { table: 'auth.flow_state', what: 'sign-ins under way', why: 'people begin again' },
  { table: 'auth.oauth_consents', what: 'consents to applications', why: 'people are asked again' },
  { table: 'auth.audit_log_entries', what: 'entries of the audit log', why: 'they tell of this database' },
  {
    table: 'postern.trusted_devices',
    what: 'devices that are spared the second factor',
    why: 'people are asked for it once more',
  },
  { table: 'postern.page_sessions', what: 'browsers signed in to the pages', why: 'they go with their sessions' },
  { table: 'postern.provider_tokens', what: 'tokens of providers', why: 'the next sign-in brings new ones' },
  { table: 'postern.import_jobs', what: 'imports of the console', why: 'they tell of this database' },
  { table: 'postern.daily_counts', what: 'counts of days', why: 'they tell of this database' },
  { table: 'postern.outbox', what: 'mails that wait', why: 'this database sends them' },
]

/** Tables of which a field of an account tells. */
export const partlyTables: readonly { table: string; why: string }[] = [
  { table: 'postern.foreign_passwords', why: 'the field foreign_password of an account' },
  { table: 'postern.pending_credentials', why: 'whether somebody vouches for a password; the rest waits for a mail' },
]

/** What stays behind without a word: it lasts for moments, goes with what is told of, or tells of this database alone. */
export const momentaryTables: readonly { table: string; why: string }[] = [
  { table: 'auth.refresh_tokens', why: 'they go with sessions' },
  { table: 'auth.mfa_amr_claims', why: 'they go with sessions' },
  { table: 'auth.mfa_challenges', why: 'answered within minutes' },
  { table: 'auth.webauthn_challenges', why: 'answered within minutes' },
  { table: 'auth.oauth_authorizations', why: 'answered within minutes' },
  { table: 'auth.oauth_client_states', why: 'round trips of minutes' },
  { table: 'auth.saml_relay_states', why: 'round trips of minutes' },
  { table: 'auth.instances', why: 'of the recorded server, which does not read it' },
  { table: 'auth.schema_migrations', why: 'of the schema itself' },
  { table: 'postern.migrations', why: 'of the schema itself' },
  { table: 'postern.attempts', why: 'windows of a day at most' },
  { table: 'postern.rate_limits', why: 'windows of an hour' },
  { table: 'postern.used_tokens', why: 'tokens that end within hours, of sessions that stay behind' },
  { table: 'postern.link_tokens', why: 'they go with links under way' },
  { table: 'postern.pending_links', why: 'round trips of minutes' },
  { table: 'postern.page_hand_offs', why: 'round trips of minutes' },
  { table: 'postern.document_requests', why: 'round trips of minutes' },
  { table: 'postern.pushed_requests', why: 'round trips of minutes' },
  { table: 'postern.device_codes', why: 'round trips of minutes' },
  { table: 'postern.authorization_details', why: 'they go with authorizations' },
  { table: 'postern.bound_sessions', why: 'they go with sessions' },
  { table: 'postern.saml_sessions', why: 'they go with sessions' },
  { table: 'postern.application_sessions', why: 'they go with sessions' },
  { table: 'postern.logout_notices', why: 'they tell of the end of sessions' },
  { table: 'postern.imported_accounts', why: 'of imports into this database' },
  { table: 'postern.instances', why: 'servers of this database' },
  { table: 'postern.kept_numbers', why: 'counted again at any time' },
  { table: 'postern.console_links', why: 'operators sign in again' },
  { table: 'postern.console_sessions', why: 'operators sign in again' },
]
