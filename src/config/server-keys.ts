// Variables of the server itself: address, database, logs, mail, messages and limits.
import {
  address,
  bool,
  choice,
  duration,
  filledText,
  header,
  int,
  list,
  map,
  number,
  percent,
  port,
  processes,
  rate,
  remotePort,
  seconds,
  secret,
  text,
  time,
  timeout,
} from './key-types.ts'

/** Where the server listens and how it is reached. */
export const addressKeys = {
  api_host: address('GOTRUE_API_HOST', '', 'Address to listen on; all addresses of the machine when empty.'),
  api_port: port('GOTRUE_API_PORT PORT', '8081', 'Port to listen on.'),
  api_endpoint: text('GOTRUE_API_ENDPOINT', '', 'Has no effect: API_EXTERNAL_URL says it all.'),
  api_external_url: address(
    'GOTRUE_API_EXTERNAL_URL GOTRUE_API_API_EXTERNAL_URL API_EXTERNAL_URL',
    '',
    'Address under which browsers and the links in mails reach this server. Required.',
  ),
  api_max_request_duration: timeout(
    'GOTRUE_API_MAX_REQUEST_DURATION',
    '10s',
    'Time after which a request is answered with 504; 0 for no limit.',
  ),
  api_request_id_header: header(
    'GOTRUE_API_REQUEST_ID_HEADER REQUEST_ID_HEADER',
    '',
    'Header that carries the id of a request, set by a proxy; without it each request gets an id here.',
  ),
  base_path: address(
    'POSTERN_BASE_PATH',
    '',
    'Path prefix under which every route is served too, such as /auth/v1, so that clients need no gateway.',
  ),
  site_url: address(
    'GOTRUE_SITE_URL',
    '',
    'Address of the application: where browsers return to, and what redirects are measured by. Required.',
  ),
  uri_allow_list: list(
    'GOTRUE_URI_ALLOW_LIST',
    '',
    'Globs of further addresses that a redirect may lead to, such as `https://*.example.com/**`.',
  ),
  cors_allowed_headers: list(
    'GOTRUE_CORS_ALLOWED_HEADERS',
    '',
    'Request headers that browsers may send besides those that client libraries need.',
  ),
  trusted_proxies: list(
    'POSTERN_TRUSTED_PROXIES',
    '',
    'Networks of proxies whose X-Forwarded-For is believed, one number: how many proxies stand in front, or none. When empty, peers in private networks count as proxies, whose clients together have fifty times each limit.',
  ),
}

/** The database. */
export const databaseKeys = {
  db_driver: choice('postgres')('GOTRUE_DB_DRIVER', 'postgres', 'Kind of database; there is only one.'),
  db_kind: choice('postgres', 'embedded', 'pglite')(
    'POSTERN_DB_DRIVER',
    'postgres',
    'What runs the database: the server at DATABASE_URL, a PostgreSQL that Postern starts, or PGlite within the process.',
  ),
  database_url: secret(
    address(
      'GOTRUE_DB_DATABASE_URL DATABASE_URL',
      '',
      'Address of the PostgreSQL database, postgres://user:password@host:5432/name. Required unless POSTERN_DB_DRIVER names another.',
    ),
  ),
  db_namespace: filledText(
    'GOTRUE_DB_NAMESPACE GOTRUE_DB_DB_NAMESPACE DB_NAMESPACE',
    'auth',
    'Schema that holds the tables.',
  ),
  data_dir: address(
    'POSTERN_DATA_DIR',
    '',
    'Directory of the database that POSTERN_DB_DRIVER=embedded or pglite runs.',
  ),
  state_dir: address(
    'POSTERN_STATE_DIR',
    '',
    'Directory where `postern dev` keeps database and secrets; .postern when empty.',
  ),
  server_key: secret(
    text(
      'POSTERN_SERVER_KEY',
      '',
      'Secret of at least 32 bytes that seals mails waiting to be sent; derived from GOTRUE_JWT_SECRET when empty.',
    ),
  ),
  db_prepare: bool(
    'POSTERN_DB_PREPARE',
    'true',
    'Prepares statements; false behind a pooler that cannot keep them, such as an old PgBouncer.',
  ),
  database_replica_url: secret(
    address(
      'POSTERN_DATABASE_REPLICA_URL',
      '',
      'A replica that lists of accounts and of the audit log are read from; the database itself where it does not answer.',
    ),
  ),
  db_max_pool_size: int('GOTRUE_DB_MAX_POOL_SIZE', '', 'Connections to the database at most; 10 when 0.'),
  db_conn_max_lifetime: timeout(
    'GOTRUE_DB_CONN_MAX_LIFETIME',
    '',
    'Age at which a connection is replaced; 45m when 0.',
  ),
  db_conn_max_idle_time: timeout(
    'GOTRUE_DB_CONN_MAX_IDLE_TIME',
    '',
    'Time after which an unused connection is closed; never when 0.',
  ),
  db_conn_percentage: percent(
    'GOTRUE_DB_CONN_PERCENTAGE',
    '',
    'Connections in percent of the max_connections of the database, in the place of GOTRUE_DB_MAX_POOL_SIZE; 0 leaves it to that.',
  ),
  db_max_idle_pool_size: int(
    'GOTRUE_DB_MAX_IDLE_POOL_SIZE',
    '',
    'Has no effect: idle connections are closed by time, not by number.',
  ),
  db_health_check_period: timeout(
    'GOTRUE_DB_HEALTH_CHECK_PERIOD',
    '',
    'Has no effect: a broken connection is replaced when it is noticed.',
  ),
  db_migrations_path: text(
    'GOTRUE_DB_MIGRATIONS_PATH',
    './migrations',
    'Has no effect: the migrations come with the package.',
  ),
  db_cleanup_enabled: bool(
    'GOTRUE_DB_CLEANUP_ENABLED',
    'false',
    'Deletes expired rows, a few after each request that writes.',
  ),
  db_advisor_enabled: bool('GOTRUE_DB_ADVISOR_ENABLED', 'true', 'Has no effect: there is no adviser on connections.'),
  db_advisor_sampling_interval: duration(
    'GOTRUE_DB_ADVISOR_SAMPLING_INTERVAL',
    '200ms',
    'Has no effect: there is no adviser on connections.',
  ),
  db_advisor_observation_interval: duration(
    'GOTRUE_DB_ADVISOR_OBSERVATION_INTERVAL',
    '20s',
    'Has no effect: there is no adviser on connections.',
  ),
  index_worker_ensure_user_search_indexes_exist: bool(
    'GOTRUE_INDEX_WORKER_ENSURE_USER_SEARCH_INDEXES_EXIST',
    'false',
    'Makes indexes, without blocking writes, that searches of administrators use in large tables of users and audit entries.',
  ),
  index_worker_max_users_threshold: int(
    'GOTRUE_INDEX_WORKER_MAX_USERS_THRESHOLD',
    '0',
    'Number of users over which those indexes are left to you; 0 for no limit.',
  ),
}

/** Logs, workers and reloading. */
export const operationKeys = {
  log_level: choice(
    'trace',
    'debug',
    'info',
    'warn',
    'warning',
    'error',
    'fatal',
    'panic',
  )('GOTRUE_LOG_LEVEL', 'info', 'Least weight of what is logged.'),
  log_file: address('GOTRUE_LOG_FILE', '', 'File that the log is written to instead of standard output.'),
  log_fields: map('GOTRUE_LOG_FIELDS', '', 'Fields that every line of the log gets.'),
  log_sql: text('GOTRUE_LOG_SQL', '', 'Has no effect: statements are never logged, since they carry personal data.'),
  audit_log_disable_postgres: bool(
    'GOTRUE_AUDIT_LOG_DISABLE_POSTGRES',
    'false',
    'Writes audit entries to the log alone, not to the table audit_log_entries.',
  ),
  operator_token: secret(
    text('GOTRUE_OPERATOR_TOKEN', '', 'Has no effect: administrators are known by the role in their token.'),
  ),
  reloading_notify_enabled: bool(
    'GOTRUE_RELOADING_NOTIFY_ENABLED',
    'true',
    'Reloads when a file of --config-dir changes.',
  ),
  reloading_pollerenabled: bool(
    'GOTRUE_RELOADING_POLLERENABLED',
    'false',
    'Looks for changes of --config-dir by itself, for file systems that do not tell of them.',
  ),
  reloading_poller_interval: duration('GOTRUE_RELOADING_POLLER_INTERVAL', '10s', 'Time between two such looks.'),
  reloading_signal_enabled: bool(
    'GOTRUE_RELOADING_SIGNAL_ENABLED',
    'false',
    'Reloads when a signal comes, as SIGHUP and `postern reload` always do.',
  ),
  reloading_signal_number: int('GOTRUE_RELOADING_SIGNAL_NUMBER', '10', 'Number of that signal; 10 is SIGUSR1.'),
  reloading_grace_period_interval: duration(
    'GOTRUE_RELOADING_GRACE_PERIOD_INTERVAL',
    '5s',
    'Time without another change before a change counts.',
  ),
}

/** Sending of mail. */
export const mailKeys = {
  smtp_host: address('GOTRUE_SMTP_HOST', '', 'Host of the mail server; without one no mail is sent.'),
  smtp_port: remotePort(
    'GOTRUE_SMTP_PORT',
    '587',
    'Port of the mail server; on 465 TLS begins at once, elsewhere with STARTTLS.',
  ),
  smtp_user: text('GOTRUE_SMTP_USER', '', 'User name at the mail server; without one nobody logs in there.'),
  smtp_pass: secret(text('GOTRUE_SMTP_PASS', '', 'Password at the mail server.')),
  smtp_insecure: bool(
    'POSTERN_SMTP_INSECURE',
    'false',
    'Logs in at a mail server that offers no TLS, although the password can be read on the way; loopback needs no TLS.',
  ),
  smtp_admin_email: address('GOTRUE_SMTP_ADMIN_EMAIL', '', 'Address that mails come from.'),
  smtp_sender_name: text('GOTRUE_SMTP_SENDER_NAME', '', 'Name beside the address that mails come from.'),
  smtp_headers: secret(
    text(
      'GOTRUE_SMTP_HEADERS',
      '',
      'Further headers of mails, JSON such as {"X-Kind":["$messageType"]}, where $messageType stands for the kind of mail.',
    ),
  ),
  smtp_logging_enabled: bool(
    'GOTRUE_SMTP_LOGGING_ENABLED',
    'false',
    'Logs the conversation with the mail server, without what mails say.',
  ),
  smtp_max_frequency: duration(
    'GOTRUE_SMTP_MAX_FREQUENCY',
    '1m',
    'Time between two mails of one kind to one account; 1m when 0.',
  ),
  mail_text: bool('POSTERN_MAIL_TEXT', 'false', 'Puts a plain-text part beside the HTML of a mail.'),
  mail_look: choice('plain', 'pages')(
    'POSTERN_MAIL_LOOK',
    'plain',
    'Look of mails without a template of their own: plain English, or pages for the colours of the pages, the language of the reader, and a code beside the link.',
  ),
  mailer_templates_dir: address(
    'POSTERN_MAILER_TEMPLATES_DIR',
    '',
    'Folder of templates by language, such as recovery.de.html, recovery.de.txt and recovery.de.subject; without a language (recovery.html) for all that have none. They win over GOTRUE_MAILER_TEMPLATES_….',
  ),
  mailer_autoconfirm: bool(
    'GOTRUE_MAILER_AUTOCONFIRM',
    '',
    'Counts e-mail addresses as confirmed without a mail; for development.',
  ),
  mailer_allow_unverified_email_sign_ins: bool(
    'GOTRUE_MAILER_ALLOW_UNVERIFIED_EMAIL_SIGN_INS',
    'false',
    'Signs people in whose provider did not verify their e-mail address; the address stays unconfirmed.',
  ),
  mailer_secure_email_change_enabled: bool(
    'GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED',
    'true',
    'Asks both the old and the new address to confirm a change of e-mail address.',
  ),
  mailer_otp_exp: seconds(
    'GOTRUE_MAILER_OTP_EXP',
    '86400',
    'Seconds for which links and codes in mails are good; 86400 when 0.',
  ),
  mailer_otp_length: int('GOTRUE_MAILER_OTP_LENGTH', '6', 'Digits of codes in mails, 6 to 10; 6 for any other number.'),
  mailer_external_hosts: list(
    'GOTRUE_MAILER_EXTERNAL_HOSTS',
    '',
    'Host names that links in mails may use instead of API_EXTERNAL_URL, when the request names one in X-Forwarded-Host.',
  ),
  mailer_email_background_sending: bool(
    'GOTRUE_MAILER_EMAIL_BACKGROUND_SENDING',
    'false',
    'Has no effect: mails always wait in an outbox and are sent after the answer.',
  ),
  mailer_email_validation_extended: bool(
    'GOTRUE_MAILER_EMAIL_VALIDATION_EXTENDED',
    'false',
    'Refuses addresses of test domains, and of domains that cannot receive mail.',
  ),
  mailer_email_validation_service_url: address(
    'GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_URL',
    '',
    'Address of a service that is asked about each address before mail is sent there.',
  ),
  mailer_email_validation_service_headers: secret(
    text(
      'GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS',
      '',
      'Headers of requests to that service, JSON such as {"Authorization":["Bearer …"]}.',
    ),
  ),
  mailer_email_validation_blocked_mx: text(
    'GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX',
    '',
    'Mail exchangers whose domains get no mail, a JSON list of host names.',
  ),
  mailer_template_max_size: int('GOTRUE_MAILER_TEMPLATE_MAX_SIZE', '1000000', 'Bytes of a template that are read.'),
  mailer_template_max_age: duration(
    'GOTRUE_MAILER_TEMPLATE_MAX_AGE',
    '10m',
    'Age at which a template is fetched again.',
  ),
  mailer_template_retry_interval: timeout(
    'GOTRUE_MAILER_TEMPLATE_RETRY_INTERVAL',
    '10s',
    'Time between two tries to fetch a template that fails; meanwhile the last good one is used.',
  ),
  mailer_template_reloading_enabled: bool(
    'GOTRUE_MAILER_TEMPLATE_RELOADING_ENABLED',
    'false',
    'Fetches templates at start and in the background, so that no mail waits for one.',
  ),
  mailer_template_reloading_max_idle: timeout(
    'GOTRUE_MAILER_TEMPLATE_RELOADING_MAX_IDLE',
    '20m',
    'Time without mail after which templates are no longer fetched in the background.',
  ),
}

/** Messages to phones. */
export const smsKeys = {
  sms_autoconfirm: bool(
    'GOTRUE_SMS_AUTOCONFIRM',
    '',
    'Counts phone numbers as confirmed without a message; for development.',
  ),
  sms_max_frequency: duration(
    'GOTRUE_SMS_MAX_FREQUENCY',
    '1m',
    'Time between two messages of one kind to one account; 1m when 0.',
  ),
  sms_otp_exp: seconds('GOTRUE_SMS_OTP_EXP', '60', 'Seconds for which codes in messages are good; 60 when 0.'),
  sms_otp_length: int('GOTRUE_SMS_OTP_LENGTH', '6', 'Digits of codes in messages, 6 to 10; 6 for any other number.'),
  sms_provider: text(
    'GOTRUE_SMS_PROVIDER',
    '',
    'Who sends messages: twilio, twilio_verify, messagebird, textlocal, vonage, or http for POSTERN_SMS_HTTP_URL.',
  ),
  sms_template: text(
    'GOTRUE_SMS_TEMPLATE',
    '',
    'Text of a message, in which {{ .Code }} stands for the code; "Your code is {{ .Code }}" when empty.',
  ),
  sms_test_otp: secret(
    map(
      'GOTRUE_SMS_TEST_OTP',
      '',
      'Phone numbers of testers and the fixed code of each, such as 15550001111:123456; nothing is sent to them.',
    ),
  ),
  sms_test_otp_valid_until: time(
    'GOTRUE_SMS_TEST_OTP_VALID_UNTIL',
    '',
    'Moment from which the fixed codes of testers no longer work; never when empty.',
  ),
  sms_twilio_account_sid: text('GOTRUE_SMS_TWILIO_ACCOUNT_SID', '', 'Account at Twilio.'),
  sms_twilio_auth_token: secret(text('GOTRUE_SMS_TWILIO_AUTH_TOKEN', '', 'Secret of the account at Twilio.')),
  sms_twilio_message_service_sid: text(
    'GOTRUE_SMS_TWILIO_MESSAGE_SERVICE_SID',
    '',
    'Messaging service or phone number at Twilio that messages come from.',
  ),
  sms_twilio_content_sid: text(
    'GOTRUE_SMS_TWILIO_CONTENT_SID',
    '',
    'Content template at Twilio that messages by WhatsApp use.',
  ),
  sms_twilio_verify_account_sid: text(
    'GOTRUE_SMS_TWILIO_VERIFY_ACCOUNT_SID',
    '',
    'Account at Twilio, for Twilio Verify.',
  ),
  sms_twilio_verify_auth_token: secret(
    text('GOTRUE_SMS_TWILIO_VERIFY_AUTH_TOKEN', '', 'Secret of the account at Twilio, for Twilio Verify.'),
  ),
  sms_twilio_verify_message_service_sid: text(
    'GOTRUE_SMS_TWILIO_VERIFY_MESSAGE_SERVICE_SID',
    '',
    'Service of Twilio Verify that sends and checks codes.',
  ),
  sms_messagebird_access_key: secret(text('GOTRUE_SMS_MESSAGEBIRD_ACCESS_KEY', '', 'Access key at MessageBird.')),
  sms_messagebird_originator: text('GOTRUE_SMS_MESSAGEBIRD_ORIGINATOR', '', 'Sender of messages by MessageBird.'),
  sms_textlocal_api_key: secret(text('GOTRUE_SMS_TEXTLOCAL_API_KEY', '', 'API key at Textlocal.')),
  sms_textlocal_sender: text('GOTRUE_SMS_TEXTLOCAL_SENDER', '', 'Sender of messages by Textlocal.'),
  sms_vonage_api_key: secret(text('GOTRUE_SMS_VONAGE_API_KEY', '', 'API key at Vonage.')),
  sms_vonage_api_secret: secret(text('GOTRUE_SMS_VONAGE_API_SECRET', '', 'API secret at Vonage.')),
  sms_vonage_from: text('GOTRUE_SMS_VONAGE_FROM', '', 'Sender of messages by Vonage.'),
  sms_base_url: address(
    'POSTERN_SMS_BASE_URL',
    '',
    "Base address that stands for the vendor's own, for a gateway of yours or a test.",
  ),
  sms_http_url: address(
    'POSTERN_SMS_HTTP_URL',
    '',
    'Address that messages are posted to as JSON, with GOTRUE_SMS_PROVIDER=http.',
  ),
  sms_http_headers: secret(
    text(
      'POSTERN_SMS_HTTP_HEADERS',
      '',
      'Headers of requests to that address, JSON such as {"Authorization":"Bearer …"}.',
    ),
  ),
}

/** Limits; but for mails and messages they count by client. */
export const limitKeys = {
  rate_limit_header: header(
    'GOTRUE_RATE_LIMIT_HEADER',
    '',
    'Header whose first part names the client to limit, set by a proxy; of X-Forwarded-For the right-most part that is no proxy. Without it the address of the client counts.',
  ),
  rate_limit_store: choice(
    'auto',
    'memory',
    'postgres',
    'redis',
  )(
    'POSTERN_RATE_LIMIT_STORE',
    'auto',
    'Where limits are counted: in memory, in the database or in Redis; auto is memory for one server, the database for several.',
  ),
  redis_url: secret(
    address('POSTERN_REDIS_URL', '', 'Address of Redis, redis://host:6379, with POSTERN_RATE_LIMIT_STORE=redis.'),
  ),
  rate_limit_email_sent: rate('GOTRUE_RATE_LIMIT_EMAIL_SENT', '30', 'Mails to all people together; 0 lets none out.'),
  rate_limit_sms_sent: rate('GOTRUE_RATE_LIMIT_SMS_SENT', '30', 'Messages to the phones of all people together.'),
  rate_limit_verify: number('GOTRUE_RATE_LIMIT_VERIFY', '30', 'Uses of a link or code in five minutes.'),
  rate_limit_token_refresh: number(
    'GOTRUE_RATE_LIMIT_TOKEN_REFRESH',
    '150',
    'Requests for tokens in five minutes: sign-ins by password or ID token, refreshes and exchanged codes; of an application with credentials fifty times as many.',
  ),
  rate_limit_sso: number('GOTRUE_RATE_LIMIT_SSO', '30', 'Sign-ins begun with single sign-on in five minutes.'),
  rate_limit_scim: number(
    'POSTERN_RATE_LIMIT_SCIM',
    '30000',
    'Requests of SCIM that one address may send in five minutes.',
  ),
  rate_limit_anonymous_users: number('GOTRUE_RATE_LIMIT_ANONYMOUS_USERS', '30', 'Anonymous sign-ins in an hour.'),
  rate_limit_otp: number(
    'GOTRUE_RATE_LIMIT_OTP',
    '30',
    'Sign-ups, codes, magic links, recoveries, resends and changes of account in five minutes, each counted alone.',
  ),
  rate_limit_web3: number('GOTRUE_RATE_LIMIT_WEB3', '30', 'Sign-ins by wallet in five minutes.'),
  rate_limit_passkey: number('GOTRUE_RATE_LIMIT_PASSKEY', '30', 'Sign-ins begun with a passkey in five minutes.'),
  rate_limit_o_auth_dynamic_client_register: number(
    'GOTRUE_RATE_LIMIT_O_AUTH_DYNAMIC_CLIENT_REGISTER',
    '10',
    'OAuth clients that register themselves in five minutes.',
  ),
  workers: processes(
    'POSTERN_WORKERS',
    '1',
    'Processes that `postern serve` answers with: a number, or auto for one a processor core.',
  ),
  max_connections: int(
    'POSTERN_MAX_CONNECTIONS',
    '0',
    'Connections of clients to one process at once; 0 for 20,000, or for what the limit of open files leaves room for.',
  ),
  control_socket: address(
    'POSTERN_CONTROL_SOCKET',
    '',
    'Socket that `postern reload` speaks to the server by; without one, a file of its port in a folder of its user.',
  ),
  hash_concurrency: int(
    'POSTERN_HASH_CONCURRENCY',
    '0',
    'Passwords that are hashed at the same time; one a processor core when 0.',
  ),
}
