// Reads DATABASE_URL the way libpq and the reference's driver do, and refuses what they would misread.
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { percentDecoded } from '../percent-decoded.ts'

/** Where a database is and how to speak to it. */
export interface DatabaseTarget {
  host: string[]
  port: number[]
  /** Path of a unix socket, instead of host and port. */
  path: string | undefined
  user: string
  password: string
  database: string
  ssl: false | 'prefer' | 'require' | 'verify-full' | TlsOptions
  target_session_attrs: 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby' | undefined
  /** Settings of the session that the URL asks for. */
  settings: Record<string, string>
}

/** Settings that may be given in the URL; other names are for other drivers (`pool_max_conns`), and PostgreSQL would refuse them. */
const settings = new Set([
  'search_path',
  'options',
  'application_name',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'default_transaction_isolation',
  'role',
])

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type SslMode = (typeof sslModes)[number]

/** What other drivers write in `ssl=`. */
const sslWords: Record<string, SslMode> = { true: 'require', false: 'disable', '1': 'require', '0': 'disable' }
const sessionKinds = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const

/** What is wrong with the URL, in words that name the part; never what stands there, which may be a password. */
const problem = (text: string): Error => new Error(`DATABASE_URL: ${text}`)

/**
 * Reads a URL such as `postgres://user:password@host:5432/name?sslmode=require&search_path=auth`, of one or several hosts.
 * @throws Error that names the part which is wrong; the message doesn't repeat it, since it may hold a password
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  const parts = /^postgres(?:ql)?:\/\/(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(url.trim())
  if (!parts) throw new Error('DATABASE_URL must look like postgres://user:password@host:5432/database')
  const [, credentials, authority = '', name = '', search = ''] = parts
  const query = new URLSearchParams(search)
  requireEncoded({ credentials, name, search })
  const { user, password } = accountOf(credentials ?? '', query)
  const hosts = (authority || query.get('host') || 'localhost')
    .split(',')
    .map((host) => (authority === '' && isIPv6(host) ? { host, port: undefined } : splitHost(host)))
  const default_port = portOf(query.get('port') ?? '') ?? 5432
  const socket_folder = hosts[0]?.host.startsWith('/') ? hosts[0].host : undefined
  const database = percentDecoded(name) || query.get('dbname') || user
  if (isUnexpanded(database)) throw problem('the name of the database holds a variable that nothing has expanded')
  return {
    host: hosts.map(({ host }) => host),
    port: hosts.map(({ port }) => port ?? default_port),
    path: socket_folder && `${socket_folder}/.s.PGSQL.${hosts[0]?.port ?? default_port}`,
    user,
    password,
    database,
    ssl: socket_folder ? false : sslOf(query),
    target_session_attrs: sessionAttributes(query.get('target_session_attrs')),
    settings: Object.fromEntries([...query].filter(([key, value]) => settings.has(key) && value !== '')),
  }
}

/** A bare `/` or `?` ends the password early, and what follows would be read as another host and database. */
function requireEncoded({ credentials, name, search }: { credentials?: string; name: string; search: string }): void {
  const keys = search.split('&').map((pair) => pair.split('=', 1)[0] ?? '')
  const isMisread =
    name.includes('@') ||
    keys.some((key) => !/^[\w.-]*$/.test(key)) ||
    (credentials === undefined && /(^|&)(?!user=|password=)[^&]*@/.test(search))
  if (isMisread)
    throw problem('the characters / ? # @ within user or password must be percent-encoded (%2F %3F %23 %40)')
}

function accountOf(credentials: string, query: URLSearchParams): { user: string; password: string } {
  const colon = credentials.indexOf(':')
  const user = percentDecoded(colon < 0 ? credentials : credentials.slice(0, colon)) || query.get('user') || 'postgres'
  const password = colon < 0 ? (query.get('password') ?? '') : credentials.slice(colon + 1)
  if (isUnexpanded(user)) throw problem('the user is a variable that nothing has expanded')
  if (isUnexpanded(password)) throw problem('the password is a variable that nothing has expanded (a literal $ is %24)')
  return { user, password: colon < 0 ? password : percentDecoded(password) }
}

/** Whether a text is nothing but `$NAME`, `${NAME}`, `$(NAME)`, `{{ NAME }}` or `<NAME>`. */
const isUnexpanded = (text: string): boolean => /^(\$\w+|\$\{[^}]*\}|\$\([^)]*\)|\{\{.*\}\}|<[\w -]+>)$/.test(text)

function splitHost(text: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text)
  if (bracketed) {
    const [, host = '', port = ''] = bracketed
    if (!isIPv6(host.replace(/%.*$/, ''))) throw problem('the host in brackets is no IPv6 address')
    return { host, port: portOf(port) }
  }
  if (text.split(':').length > 2) throw problem('an IPv6 address as host needs brackets, as in [::1]:5432')
  const [name = '', port = ''] = text.split(':')
  const host = percentDecoded(name) || 'localhost'
  if (!host.startsWith('/') && !/^[\p{L}\p{N}_.-]+$/u.test(host)) throw problem('the host is not the name of one')
  return { host, port: portOf(port) }
}

function portOf(text: string): number | undefined {
  if (text === '') return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw problem('the port must be a number, 1 to 65535')
  return port
}

function sslOf(query: URLSearchParams): DatabaseTarget['ssl'] {
  const mode = sslMode(query)
  if (mode === 'disable') return false
  const files = { ca: fileOf(query, 'sslrootcert'), cert: fileOf(query, 'sslcert'), key: fileOf(query, 'sslkey') }
  const has_files = files.ca !== undefined || files.cert !== undefined
  if (mode === 'verify-full') return has_files ? files : 'verify-full'
  // As in libpq, `require` with a root certificate verifies the chain, but not the name.
  if (mode === 'verify-ca' || (mode === 'require' && files.ca))
    return { ...files, checkServerIdentity: () => undefined }
  if (mode === 'require') return has_files ? { ...files, rejectUnauthorized: false } : 'require'
  return 'prefer'
}

/** A mode that is misspelt must not end in a connection without TLS. */
function sslMode(query: URLSearchParams): SslMode {
  const given = query.get('sslmode') || query.get('ssl')
  if (!given) return query.get('sslrootcert') === 'system' ? 'verify-full' : 'prefer'
  const mode = sslWords[given] ?? sslModes.find((known) => known === given)
  if (mode === undefined) throw problem(`sslmode must be one of ${sslModes.join(', ')}`)
  return mode
}

function fileOf(query: URLSearchParams, key: string): Buffer | undefined {
  const path = query.get(key)
  if (!path || path === 'system') return undefined
  try {
    return readFileSync(path)
  } catch {
    throw problem(`the file of ${key} cannot be read`)
  }
}

function sessionAttributes(value: string | null): DatabaseTarget['target_session_attrs'] {
  const kind = sessionKinds.find((name) => name === (value || 'any'))
  if (kind === undefined) throw problem(`target_session_attrs must be one of ${sessionKinds.join(', ')}`)
  return kind === 'any' ? undefined : kind
}
