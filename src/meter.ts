// What is measured of a server: every metric as data, and the port by which the rooms measure. Without a reader it costs nothing.

interface Row {
  /** Its name for OpenTelemetry; Prometheus adds `_total` to counters. */
  name: string
  about: string
  labels: readonly string[]
}

const row = <const Label extends string>(name: string, about: string, labels: readonly Label[] = []) =>
  ({ name, about, labels }) satisfies Row

/** What happens again and again. */
export const counters = {
  answers: row('http_status_codes', 'Answers by status.', ['code', 'method', 'route']),
  sign_ins: row('postern_sign_ins', 'Sign-ins by way and outcome.', ['way', 'outcome']),
  sign_ups: row('postern_sign_ups', 'Accounts that people made for themselves.', ['way']),
  refusals: row('postern_rate_limit_refusals', 'Requests, mails and messages that a limit refused.', ['limit']),
  mail_refusals: row('gotrue_email_rate_limit_counter', 'Mails that the limit of all mails refused.'),
  mails: row('global_auth_email_send_operations', 'Mails that were handed to the mail server.'),
  mail_errors: row('global_auth_email_send_errors', 'Mails that the mail server did not take.'),
  hashes_begun: row('gotrue_generate_from_password_submitted', 'Passwords that were to be hashed.'),
  hashes_made: row('gotrue_generate_from_password_completed', 'Passwords that were hashed.'),
  checks_begun: row('gotrue_compare_hash_and_password_submitted', 'Passwords that were to be checked.'),
  checks_made: row('gotrue_compare_hash_and_password_completed', 'Passwords that were checked.'),
  swept: row('gotrue_cleanup_affected_rows', 'Rows that the clean-up removed or changed.'),
}

/** What takes time. */
export const timers = {
  requests: row('postern_http_request_duration', 'Time from a request to its answer.', ['method', 'route', 'status']),
  statements: row('postern_statement_duration', 'Time that statements of the database take.', ['statement']),
  hooks: row('postern_hook_duration', 'Time that hooks take.', ['hook', 'outcome']),
  mail_sends: row('postern_mail_send_duration', 'Time that the mail server takes for a mail.', ['kind', 'outcome']),
  calls: row('postern_outbound_call_duration', 'Time that calls to other servers take.', ['host', 'outcome']),
}

/** What has a value at any time, added up over the workers of a machine. */
export const gauges = {
  running: row('gotrue_running', 'Processes that serve.'),
  hashes_waiting: row('postern_hashes_waiting', 'Passwords that wait for a free core.'),
  hashes_running: row('postern_hashes_running', 'Passwords that are being hashed or checked.'),
  connections: row('postern_db_connections', 'Connections to the database.'),
  connections_busy: row('postern_db_connections_busy', 'Connections to the database that are in use.'),
  connection_waits: row('postern_db_waiting', 'Statements that wait for a connection.'),
  outbox_waiting: row('postern_outbox_waiting', 'Mails that are due or will be tried again.'),
  outbox_age: row('postern_outbox_oldest_seconds', 'Age of the oldest mail that waits, in seconds.'),
}

type LabelsOf<R extends Row> = Record<R['labels'][number], string | number>

/** What a gauge says when it is read; what is not known is left out. */
export type Readings = Partial<Record<keyof typeof gauges, number>>

/** Measures. */
export interface Meter {
  count<Name extends keyof typeof counters>(name: Name, labels: LabelsOf<(typeof counters)[Name]>, by?: number): void
  time<Name extends keyof typeof timers>(name: Name, labels: LabelsOf<(typeof timers)[Name]>, ms: number): void
  /** Asks for values whenever somebody reads them; returns what ends that. */
  watch(read: () => Promise<Readings> | Readings): () => void
}

/** Where nobody reads. */
export const noMeter: Meter = { count() {}, time() {}, watch: () => () => {} }

/** Measures with several. */
export const meters = (...all: readonly Meter[]): Meter => ({
  count(name, labels, by) {
    for (const one of all) one.count(name, labels, by)
  },
  time(name, labels, ms) {
    for (const one of all) one.time(name, labels, ms)
  },
  watch(read) {
    const ends = all.map((one) => one.watch(read))
    return () => {
      for (const end of ends) end()
    }
  },
})
