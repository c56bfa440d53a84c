// Reads DATABASE_URL the way libpq and the reference's driver do, so that the same value keeps working.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions as TlsOptions } from 'node:tls'

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

/**
 * Reads a URL such as `postgres://user:password@host:5432/name?sslmode=require&search_path=auth`, of one or several hosts.
 * @throws Error when it is no such URL; the message doesn't repeat it, since it holds a password
 */
export function parseDatabaseUrl(url: string): DatabaseTarget {
  const parts = /^postgres(?:ql)?:\/\/(?:([^/?]*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(url.trim())
  if (!parts) throw new Error('DATABASE_URL must look like postgres://user:password@host:5432/database')
  const [, credentials = '', authority = '', name = '', search = ''] = parts
  const query = new URLSearchParams(search)
  const colon = credentials.indexOf(':')
  const user = decode(colon < 0 ? credentials : credentials.slice(0, colon)) || query.get('user') || 'postgres'
  const hosts = (authority || query.get('host') || 'localhost').split(',').map(splitHost)
  const default_port = Number(query.get('port') ?? 5432)
  const socket_folder = hosts[0]?.host.startsWith('/') ? hosts[0].host : undefined
  return {
    host: hosts.map(({ host }) => host),
    port: hosts.map(({ port }) => port ?? default_port),
    path: socket_folder && `${socket_folder}/.s.PGSQL.${hosts[0]?.port ?? default_port}`,
    user,
    password: colon < 0 ? (query.get('password') ?? '') : decode(credentials.slice(colon + 1)),
    database: decode(name) || query.get('dbname') || user,
    ssl: socket_folder ? false : sslOf(query),
    target_session_attrs: sessionAttributes(query.get('target_session_attrs')),
    settings: Object.fromEntries([...query].filter(([key, value]) => settings.has(key) && value !== '')),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A password with a bare percent sign means itself.
    return text
  }
}

function splitHost(text: string): { host: string; port: number | undefined } {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(text) ?? []
  return { host: decode(bracketed ?? plain) || 'localhost', port: port ? Number(port) : undefined }
}

function sslOf(query: URLSearchParams): DatabaseTarget['ssl'] {
  const file = (key: string) => {
    const path = query.get(key)
    return path && path !== 'system' ? readFileSync(path) : undefined
  }
  const mode =
    query.get('sslmode') ?? query.get('ssl') ?? (query.get('sslrootcert') === 'system' ? 'verify-full' : 'prefer')
  if (mode === 'disable' || mode === 'false') return false
  const files = { ca: file('sslrootcert'), cert: file('sslcert'), key: file('sslkey') }
  const has_files = files.ca !== undefined || files.cert !== undefined
  if (mode === 'verify-full') return has_files ? files : 'verify-full'
  // As in libpq, `require` with a root certificate verifies the chain, but not the name.
  if (mode === 'verify-ca' || (mode === 'require' && files.ca))
    return { ...files, checkServerIdentity: () => undefined }
  if (mode === 'require' || mode === 'true') return has_files ? { ...files, rejectUnauthorized: false } : 'require'
  return 'prefer'
}

function sessionAttributes(value: string | null): DatabaseTarget['target_session_attrs'] {
  const known = ['read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
  return known.find((name) => name === value)
}
