// Variables of the server itself: address, database, logs, mail, messages and limits.
import { bool, duration, int, list, map, number, rate, text, time } from './key-types.ts'

/** Where the server listens and how it is reached. */
export const addressKeys = {
  api_host: text('GOTRUE_API_HOST', '', 'Address to listen on; all addresses when empty.'),
  api_port: text('GOTRUE_API_PORT PORT', '8081', 'Port to listen on.'),
  api_endpoint: text('GOTRUE_API_ENDPOINT', '', 'Read for compatibility; has no effect.'),
  api_request_id_header: text(
    'GOTRUE_API_REQUEST_ID_HEADER REQUEST_ID_HEADER',
    '',
    'Header that carries the id of a request; without it ids are made here.',
  ),
  api_external_url: text(
    'API_EXTERNAL_URL GOTRUE_API_EXTERNAL_URL',
    '',
    'Address under which browsers and mails reach this server. Required.',
  ),
  api_max_request_duration: duration(
    'GOTRUE_API_MAX_REQUEST_DURATION',
    '10s',
    'After this time a request is answered with 504; 0 for never.',
  ),
  base_path: text('POSTERN_BASE_PATH', '', 'Path prefix under which every route is served too, such as /auth/v1.'),
  site_url: text('GOTRUE_SITE_URL', '', 'Address of the application, where browsers return to. Required.'),
  uri_allow_list: list('GOTRUE_URI_ALLOW_LIST', '', 'Globs of further addresses that a redirect may lead to.'),
  cors_allowed_headers: list('GOTRUE_CORS_ALLOWED_HEADERS', '', 'Further request headers that browsers may send.'),
  trusted_proxies: list(
    'POSTERN_TRUSTED_PROXIES',
    '',
    'Networks of proxies whose X-Forwarded-For is believed, or one number: how many proxies stand in front.',
  ),
}

/** The database. */
export const databaseKeys = {
  db_driver: text('GOTRUE_DB_DRIVER', 'postgres', 'Must be postgres.'),
  database_url: text('DATABASE_URL GOTRUE_DB_DATABASE_URL', '', 'Address of the PostgreSQL database. Required.'),
  db_namespace: text('DB_NAMESPACE GOTRUE_DB_NAMESPACE', 'auth', 'Schema of the tables.'),
  db_conn_percentage: int('GOTRUE_DB_CONN_PERCENTAGE', '', 'Read for compatibility; the pool size decides.'),
  db_max_pool_size: int('GOTRUE_DB_MAX_POOL_SIZE', '', 'Connections at most; 10 when 0.'),
  db_max_idle_pool_size: int('GOTRUE_DB_MAX_IDLE_POOL_SIZE', '', 'Read for compatibility; has no effect.'),
  db_conn_max_lifetime: duration('GOTRUE_DB_CONN_MAX_LIFETIME', '', 'Age at which a connection is replaced; 45m when 0.'),
  db_conn_max_idle_time: duration('GOTRUE_DB_CONN_MAX_IDLE_TIME', '', 'Unused connections are closed after this time; never when 0.'),
  db_health_check_period: duration('GOTRUE_DB_HEALTH_CHECK_PERIOD', '', 'Read for compatibility; has no effect.'),
  db_migrations_path: text('GOTRUE_DB_MIGRATIONS_PATH', './migrations', 'Read for compatibility; migrations come with the package.'),
  db_cleanup_enabled: bool('GOTRUE_DB_CLEANUP_ENABLED', 'false', 'Delete expired rows, a few after each write.'),
  db_advisor_enabled: bool('GOTRUE_DB_ADVISOR_ENABLED', 'true', 'Read for compatibility; has no effect.'),
  db_advisor_sampling_interval: duration('GOTRUE_DB_ADVISOR_SAMPLING_INTERVAL', '200ms', 'Read for compatibility; has no effect.'),
  db_advisor_observation_interval: duration('GOTRUE_DB_ADVISOR_OBSERVATION_INTERVAL', '20s', 'Read for compatibility; has no effect.'),
  db_prepare: bool('POSTERN_DB_PREPARE', 'true', 'Prepare statements; false behind a pooler that cannot keep them.'),
  db_kind: text('POSTERN_DB_DRIVER', 'postgres', 'postgres for a server at DATABASE_URL, pglite for a directory without one.'),
  data_dir: text('POSTERN_DATA_DIR', '', 'Directory of the database with POSTERN_DB_DRIVER=pglite.'),
  state_dir: text('POSTERN_STATE_DIR', '', 'Directory of `postern dev` for database and secrets; .postern when empty.'),
  server_key: text(
    'POSTERN_SERVER_KEY',
    '',
    'Secret that seals mails waiting to be sent and kept provider tokens; the JWT secret when empty.',
  ),
  index_worker_ensure_user_search_indexes_exist: bool(
    'GOTRUE_INDEX_WORKER_ENSURE_USER_SEARCH_INDEXES_EXIST',
    'false',
    'Read for compatibility; has no effect.',
  ),
  index_worker_max_users_threshold: int('GOTRUE_INDEX_WORKER_MAX_USERS_THRESHOLD', '0', 'Read for compatibility; has no effect.'),
}

/** Logs, metrics and tracing. */
export const operationKeys = {
  log_level: text('GOTRUE_LOG_LEVEL', '', 'debug, info, warn or error; info when empty.'),
  log_file: text('GOTRUE_LOG_FILE', '', 'File that the log goes to instead of standard output.'),
  log_fields: map('GOTRUE_LOG_FIELDS', '', 'Fields that every log line gets.'),
  log_sql: text('GOTRUE_LOG_SQL', '', 'Read for compatibility; statements are never logged.'),
  profiler_enabled: bool('GOTRUE_PROFILER_ENABLED', 'false', 'Read for compatibility; has no effect.'),
  profiler_host: text('GOTRUE_PROFILER_HOST', 'localhost', 'Read for compatibility; has no effect.'),
  profiler_port: text('GOTRUE_PROFILER_PORT', '9998', 'Read for compatibility; has no effect.'),
  operator_token: text('GOTRUE_OPERATOR_TOKEN', '', 'Read for compatibility; has no effect.'),
  tracing_enabled: bool('GOTRUE_TRACING_ENABLED', '', 'Not there yet; has no effect.'),
  tracing_exporter: text('GOTRUE_TRACING_EXPORTER', 'opentelemetry', 'Not there yet; has no effect.'),
  tracing_otel_exporter_otlp_protocol: text(
    'GOTRUE_TRACING_OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/protobuf',
    'Not there yet; has no effect.',
  ),
  tracing_host: text('GOTRUE_TRACING_HOST', '', 'Not there yet; has no effect.'),
  tracing_port: text('GOTRUE_TRACING_PORT', '', 'Not there yet; has no effect.'),
  tracing_service_name: text('GOTRUE_TRACING_SERVICE_NAME', 'gotrue', 'Not there yet; has no effect.'),
  tracing_tags: map('GOTRUE_TRACING_TAGS', '', 'Not there yet; has no effect.'),
  metrics_enabled: bool('GOTRUE_METRICS_ENABLED', '', 'Not there yet; has no effect.'),
  metrics_exporter: text('GOTRUE_METRICS_EXPORTER', 'opentelemetry', 'Not there yet; has no effect.'),
  metrics_otel_exporter_otlp_protocol: text(
    'GOTRUE_METRICS_OTEL_EXPORTER_OTLP_PROTOCOL OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/protobuf',
    'Not there yet; has no effect.',
  ),
  metrics_otel_exporter_prometheus_host: text(
    'GOTRUE_METRICS_OTEL_EXPORTER_PROMETHEUS_HOST OTEL_EXPORTER_PROMETHEUS_HOST',
    '0.0.0.0',
    'Not there yet; has no effect.',
  ),
  metrics_otel_exporter_prometheus_port: text(
    'GOTRUE_METRICS_OTEL_EXPORTER_PROMETHEUS_PORT OTEL_EXPORTER_PROMETHEUS_PORT',
    '9100',
    'Not there yet; has no effect.',
  ),
  audit_log_disable_postgres: bool(
    'GOTRUE_AUDIT_LOG_DISABLE_POSTGRES',
    'false',
    'Write the audit log to the log only, not to the database.',
  ),
  reloading_notify_enabled: bool('GOTRUE_RELOADING_NOTIFY_ENABLED', 'true', 'Read for compatibility; has no effect.'),
  reloading_pollerenabled: bool('GOTRUE_RELOADING_POLLERENABLED', 'false', 'Read for compatibility; has no effect.'),
  reloading_poller_interval: duration('GOTRUE_RELOADING_POLLER_INTERVAL', '10s', 'Read for compatibility; has no effect.'),
  reloading_signal_enabled: bool('GOTRUE_RELOADING_SIGNAL_ENABLED', 'false', 'Read for compatibility; has no effect.'),
  reloading_signal_number: int('GOTRUE_RELOADING_SIGNAL_NUMBER', '10', 'Read for compatibility; has no effect.'),
  reloading_grace_period_interval: duration('GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL', '5s', 'Read for compatibility; has no effect.'),
}

/** Sending of mail. */
export const mailKeys = {
  smtp_host: text('GOTRUE_SMTP_HOST', '', 'Mail server; without one no mail is sent.'),
  smtp_port: int('GOTRUE_SMTP_PORT', '587', 'Port of the mail server; 465 means TLS from the start.'),
  smtp_user: text('GOTRUE_SMTP_USER', '', 'User name at the mail server.'),
  smtp_pass: text('GOTRUE_SMTP_PASS', '', 'Password at the mail server.'),
  smtp_admin_email: text('GOTRUE_SMTP_ADMIN_EMAIL', '', 'Address that mails come from.'),
  smtp_sender_name: text('GOTRUE_SMTP_SENDER_NAME', '', 'Name that mails come from.'),
  smtp_headers: text('GOTRUE_SMTP_HEADERS', '', 'Further headers of mails: JSON {"Name":["value"]}; $messageType stands for the kind.'),
  smtp_logging_enabled: bool('GOTRUE_SMTP_LOGGING_ENABLED', 'false', 'Log the conversation with the mail server, without contents.'),
  smtp_max_frequency: duration('GOTRUE_SMTP_MAX_FREQUENCY', '1m', 'Time between two mails of a kind to one account.'),
  mail_text: bool('POSTERN_MAIL_TEXT', 'true', 'Send a plain-text part beside the HTML of a mail.'),
  mailer_autoconfirm: bool('GOTRUE_MAILER_AUTOCONFIRM', '', 'Count e-mail addresses as confirmed without a mail.'),
  mailer_allow_unverified_email_sign_ins: bool(
    'GOTRUE_MAILER_ALLOW_UNVERIFIED_EMAIL_SIGN_INS',
    'false',
    'Let people in whose provider did not verify their address; it stays unconfirmed.',
  ),
  mailer_secure_email_change_enabled: bool(
    'GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED',
    'true',
    'A change of address must be confirmed from both addresses.',
  ),
  mailer_otp_exp: int('GOTRUE_MAILER_OTP_EXP', '86400', 'Seconds that links and codes in mails live.'),
  mailer_otp_length: int('GOTRUE_MAILER_OTP_LENGTH', '6', 'Digits of codes in mails, 6 to 10.'),
  mailer_external_hosts: list('GOTRUE_MAILER_EXTERNAL_HOSTS', '', 'Host names that links may use when X-Forwarded-Host names them.'),
  mailer_email_background_sending: bool(
    'GOTRUE_MAILER_EMAIL_BACKGROUND_SENDING',
    'false',
    'Read for compatibility; mails are always sent after the answer.',
  ),
  mailer_email_validation_extended: bool(
    'GOTRUE_MAILER_EMAIL_VALIDATION_EXTENDED',
    'false',
    'Refuse addresses of test domains and domains without mail.',
  ),
  mailer_email_validation_service_url: text('GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_URL', '', 'Service that is asked about addresses.'),
  mailer_email_validation_service_headers: text('GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS', '', 'Headers for that service: JSON.'),
  mailer_email_validation_blocked_mx: text('GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX', '', 'Mail exchangers that are refused: JSON list.'),
  mailer_template_max_size: int('GOTRUE_MAILER_TEMPLATE_MAX_SIZE', '1000000', 'Bytes of a template that are read.'),
  mailer_template_max_age: duration('GOTRUE_MAILER_TEMPLATE_MAX_AGE', '10m', 'A template is loaded again after this time.'),
  mailer_template_retry_interval: duration('GOTRUE_MAILER_TEMPLATE_RETRY_INTERVAL', '10s', 'Time between two tries to load a template.'),
  mailer_template_reloading_enabled: bool('GOTRUE_MAILER_TEMPLATE_RELOADING_ENABLED', 'false', 'Load templates again in the background.'),
  mailer_template_reloading_max_idle: duration(
    'GOTRUE_MAILER_TEMPLATE_RELOADING_MAX_IDLE',
    '20m',
    'Background loading pauses after this time without mail.',
  ),
}

/** Messages to phones. */
export const smsKeys = {
  sms_autoconfirm: bool('GOTRUE_SMS_AUTOCONFIRM', '', 'Count phone numbers as confirmed without a message.'),
  sms_max_frequency: duration('GOTRUE_SMS_MAX_FREQUENCY', '1m', 'Time between two messages to one account.'),
  sms_otp_exp: int('GOTRUE_SMS_OTP_EXP', '60', 'Seconds that codes in messages live.'),
  sms_otp_length: int('GOTRUE_SMS_OTP_LENGTH', '6', 'Digits of codes in messages, 6 to 10.'),
  sms_provider: text('GOTRUE_SMS_PROVIDER', '', 'twilio, twilio_verify, messagebird, textlocal, vonage, or http.'),
  sms_template: text('GOTRUE_SMS_TEMPLATE', '', 'Text of a message; {{ .Code }} stands for the code.'),
  sms_test_otp: map('GOTRUE_SMS_TEST_OTP', '', 'Fixed codes of testers: number:code pairs; nothing is sent to them.'),
  sms_test_otp_valid_until: time('GOTRUE_SMS_TEST_OTP_VALID_UNTIL', '', 'The fixed codes work until then.'),
  sms_twilio_account_sid: text('GOTRUE_SMS_TWILIO_ACCOUNT_SID', '', 'Account at Twilio.'),
  sms_twilio_auth_token: text('GOTRUE_SMS_TWILIO_AUTH_TOKEN', '', 'Secret at Twilio.'),
  sms_twilio_message_service_sid: text('GOTRUE_SMS_TWILIO_MESSAGE_SERVICE_SID', '', 'Messaging service or number at Twilio.'),
  sms_twilio_content_sid: text('GOTRUE_SMS_TWILIO_CONTENT_SID', '', 'Content template for WhatsApp at Twilio.'),
  sms_twilio_verify_account_sid: text('GOTRUE_SMS_TWILIO_VERIFY_ACCOUNT_SID', '', 'Account at Twilio Verify.'),
  sms_twilio_verify_auth_token: text('GOTRUE_SMS_TWILIO_VERIFY_AUTH_TOKEN', '', 'Secret at Twilio Verify.'),
  sms_twilio_verify_message_service_sid: text('GOTRUE_SMS_TWILIO_VERIFY_MESSAGE_SERVICE_SID', '', 'Service at Twilio Verify.'),
  sms_messagebird_access_key: text('GOTRUE_SMS_MESSAGEBIRD_ACCESS_KEY', '', 'Key at MessageBird.'),
  sms_messagebird_originator: text('GOTRUE_SMS_MESSAGEBIRD_ORIGINATOR', '', 'Sender at MessageBird.'),
  sms_textlocal_api_key: text('GOTRUE_SMS_TEXTLOCAL_API_KEY', '', 'Key at Textlocal.'),
  sms_textlocal_sender: text('GOTRUE_SMS_TEXTLOCAL_SENDER', '', 'Sender at Textlocal.'),
  sms_vonage_api_key: text('GOTRUE_SMS_VONAGE_API_KEY', '', 'Key at Vonage.'),
  sms_vonage_api_secret: text('GOTRUE_SMS_VONAGE_API_SECRET', '', 'Secret at Vonage.'),
  sms_vonage_from: text('GOTRUE_SMS_VONAGE_FROM', '', 'Sender at Vonage.'),
  sms_base_url: text('POSTERN_SMS_BASE_URL', '', 'Address that stands for the sender\'s own, for gateways and tests.'),
  sms_http_url: text('POSTERN_SMS_HTTP_URL', '', 'With GOTRUE_SMS_PROVIDER=http: address that messages are posted to as JSON.'),
  sms_http_headers: text('POSTERN_SMS_HTTP_HEADERS', '', 'Headers for that address: JSON {"Name":"value"}.'),
}

/** Limits; buckets of requests count by client. */
export const limitKeys = {
  rate_limit_header: text('GOTRUE_RATE_LIMIT_HEADER', '', 'Header that names the client; else its address does.'),
  rate_limit_store: text('POSTERN_RATE_LIMIT_STORE', 'memory', 'memory, postgres or redis: where limits are counted.'),
  redis_url: text('POSTERN_REDIS_URL', '', 'Address of Redis, with POSTERN_RATE_LIMIT_STORE=redis.'),
  rate_limit_email_sent: rate('GOTRUE_RATE_LIMIT_EMAIL_SENT', '30', 'Mails in all.'),
  rate_limit_sms_sent: rate('GOTRUE_RATE_LIMIT_SMS_SENT', '30', 'Messages in all.'),
  rate_limit_verify: number('GOTRUE_RATE_LIMIT_VERIFY', '30', 'Verifications in five minutes.'),
  rate_limit_token_refresh: number('GOTRUE_RATE_LIMIT_TOKEN_REFRESH', '150', 'Requests for tokens in five minutes.'),
  rate_limit_sso: number('GOTRUE_RATE_LIMIT_SSO', '30', 'Starts of SSO in five minutes.'),
  rate_limit_anonymous_users: number('GOTRUE_RATE_LIMIT_ANONYMOUS_USERS', '30', 'Anonymous sign-ups in an hour.'),
  rate_limit_otp: number('GOTRUE_RATE_LIMIT_OTP', '30', 'Sign-ups, codes, links and recoveries in five minutes, each.'),
  rate_limit_web3: number('GOTRUE_RATE_LIMIT_WEB3', '30', 'Wallet sign-ins in five minutes.'),
  rate_limit_passkey: number('GOTRUE_RATE_LIMIT_PASSKEY', '30', 'Passkey challenges in five minutes.'),
  rate_limit_o_auth_dynamic_client_register: number(
    'GOTRUE_RATE_LIMIT_O_AUTH_DYNAMIC_CLIENT_REGISTER',
    '10',
    'Registrations of OAuth clients in five minutes.',
  ),
  hash_concurrency: int('POSTERN_HASH_CONCURRENCY', '0', 'Passwords that are hashed at the same time; one a core when 0.'),
}
