// The subcommands of postern admin: what each asks of the API, and how people see its answer.
import { signJwt } from '../crypto/jwt.ts'
import type { LocalApi } from './local-api.ts'
import { readSecret } from './read-secret.ts'
import { UsageError } from './usage-error.ts'

/** Options of all subcommands. */
export const adminOptions = {
  q: { type: 'string' },
  page: { type: 'string' },
  'per-page': { type: 'string' },
  provider: { type: 'string' },
  id: { type: 'string' },
  email: { type: 'string' },
  phone: { type: 'string' },
  role: { type: 'string' },
  password: { type: 'boolean', default: false },
  confirm: { type: 'boolean', default: false },
  metadata: { type: 'string' },
  'app-metadata': { type: 'string' },
  for: { type: 'string' },
  soft: { type: 'boolean', default: false },
  redirect: { type: 'string' },
  'new-email': { type: 'string' },
  'expires-in': { type: 'string' },
  user: { type: 'string' },
  action: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
} as const

/** Values of the options. */
export type AdminValues = { [Name in keyof typeof adminOptions]?: string | boolean }

/** A subcommand; it gives what is printed as JSON, or as a table of `columns`. */
export interface AdminCommand {
  usage: string
  about: string
  /** How many words it takes at least and at most. */
  words: [number, number]
  columns?: string[]
  run(api: LocalApi, words: string[], values: AdminValues): Promise<unknown>
}

const userColumns = ['id', 'email', 'phone', 'created_at', 'last_sign_in_at', 'banned_until']
const text = (value: string | boolean | undefined): string => (typeof value === 'string' ? value : '')
const given = (fields: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && value !== false),
  )
const query = (fields: Record<string, string>) =>
  new URLSearchParams(given(fields) as Record<string, string>).toString()

/** The id of a user who is named by id, e-mail address or phone number. */
async function idOf(api: LocalApi, name = ''): Promise<string> {
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(name)) return name
  const by: Record<string, string> = name.includes('@')
    ? { email: name.toLowerCase() }
    : { phone: name.replace(/^\+/, '') }
  const { users } = Object(await api.call('GET', `/admin/users?${new URLSearchParams(by)}`))
  if (users.length === 0) throw new Error(`there is no user ${name}`)
  return users[0].id
}

function object(option: string, value: string | boolean | undefined): object | undefined {
  if (typeof value !== 'string') return undefined
  try {
    const read: unknown = JSON.parse(value)
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read
  } catch {}
  throw new UsageError(`--${option} must be a JSON object`)
}

/** Fields of an account that options set. */
async function attributes(values: AdminValues): Promise<Record<string, unknown>> {
  return given({
    email: text(values.email),
    phone: text(values.phone),
    role: text(values.role),
    password: values.password ? await readSecret('Password') : undefined,
    user_metadata: object('metadata', values.metadata),
    app_metadata: object('app-metadata', values['app-metadata']),
  })
}

const ban = async (api: LocalApi, name: string | undefined, ban_duration: string) =>
  api.call('PUT', `/admin/users/${await idOf(api, name)}`, { ban_duration })

/** Every subcommand by its words. */
export const adminCommands: Record<string, AdminCommand> = {
  'users list': {
    usage: '[--q TEXT] [--provider NAME] [--page N] [--per-page N]',
    about: 'list accounts, newest first; --q finds beginnings of addresses, numbers and names',
    words: [0, 0],
    columns: userColumns,
    async run(api, _, { q, provider, page, 'per-page': per_page }) {
      const asked = query({ q: text(q), provider: text(provider), page: text(page), per_page: text(per_page) })
      return Object(await api.call('GET', `/admin/users?${asked}`)).users
    },
  },
  'users get': {
    usage: 'USER',
    about: 'show an account; USER is an id, an e-mail address or a phone number',
    words: [1, 1],
    run: async (api, [name]) => api.call('GET', `/admin/users/${await idOf(api, name)}`),
  },
  'users create': {
    usage:
      '[--email A] [--phone P] [--password] [--confirm] [--role R] [--metadata JSON] [--app-metadata JSON] [--id ID]',
    about:
      'create an account; --password reads it from standard input or asks, --confirm counts the addresses as proved',
    words: [0, 0],
    async run(api, _, values) {
      const fields = { ...(await attributes(values)), ...given({ id: text(values.id) }) }
      const proved = values.confirm
        ? { ...('email' in fields && { email_confirm: true }), ...('phone' in fields && { phone_confirm: true }) }
        : {}
      return api.call('POST', '/admin/users', { ...fields, ...proved })
    },
  },
  'users update': {
    usage: 'USER [the options of create]',
    about: 'change an account',
    words: [1, 1],
    run: async (api, [name], values) =>
      api.call('PUT', `/admin/users/${await idOf(api, name)}`, await attributes(values)),
  },
  'users ban': {
    usage: 'USER [--for 24h]',
    about: 'keep somebody from signing in; for a hundred years unless told otherwise',
    words: [1, 1],
    run: (api, [name], values) => ban(api, name, text(values.for) || '876000h'),
  },
  'users unban': {
    usage: 'USER',
    about: 'end a ban',
    words: [1, 1],
    run: (api, [name]) => ban(api, name, 'none'),
  },
  'users delete': {
    usage: 'USER [--soft]',
    about: 'delete an account; --soft keeps the row, without address and password',
    words: [1, 1],
    async run(api, [name], { soft }) {
      const id = await idOf(api, name)
      await api.call('DELETE', `/admin/users/${id}`, { should_soft_delete: soft === true })
      return { id, deleted: true }
    },
  },
  'users invite': {
    usage: 'EMAIL [--redirect URL] [--metadata JSON]',
    about: 'send an invitation by mail',
    words: [1, 1],
    run: (api, [email], values) =>
      api.call('POST', `/invite?${query({ redirect_to: text(values.redirect) })}`, {
        email,
        ...given({ data: object('metadata', values.metadata) }),
      }),
  },
  'sessions list': {
    usage: 'USER',
    about: 'list where somebody is signed in',
    words: [1, 1],
    columns: ['id', 'created_at', 'refreshed_at', 'ip', 'user_agent', 'aal'],
    run: async (api, [name]) => {
      const answer = Object(await api.call('GET', `/admin/users/${await idOf(api, name)}/sessions`))
      return Array.isArray(answer) ? answer : answer.sessions
    },
  },
  'sessions end': {
    usage: 'USER [SESSION]',
    about: 'end one session, or all',
    words: [1, 2],
    async run(api, [name, session]) {
      const path = `/admin/users/${await idOf(api, name)}/sessions`
      await api.call('DELETE', session === undefined ? path : `${path}/${session}`)
      return { ended: session ?? 'all' }
    },
  },
  link: {
    usage: 'TYPE EMAIL [--redirect URL] [--password] [--new-email A]',
    about:
      'make a link without sending it: signup, invite, magiclink, recovery, email_change_current, email_change_new',
    words: [2, 2],
    run: async (api, [type, email], values) =>
      api.call('POST', '/admin/generate_link', {
        type,
        email,
        ...given({
          redirect_to: text(values.redirect),
          new_email: text(values['new-email']),
          password: values.password ? await readSecret('Password') : undefined,
        }),
      }),
  },
  token: {
    usage: 'USER | --role anon|service_role [--expires-in SECONDS]',
    about: 'open a session for somebody, or make an API key of a role',
    words: [0, 1],
    async run(api, [name], values) {
      if (name !== undefined) return sessionFor(api, name)
      const role = text(values.role)
      if (role === '') throw new UsageError('token needs a USER or --role')
      const expires_in = Number(values['expires-in'] ?? 10 * 365 * 86_400)
      if (!Number.isInteger(expires_in) || expires_in <= 0)
        throw new UsageError('--expires-in must be a number of seconds')
      const iat = Math.floor(Date.now() / 1000)
      const iss = api.config.jwt_issuer || 'postern'
      return { token: signJwt({ role, iss, iat, exp: iat + expires_in }, api.keys.signing) }
    },
  },
  audit: {
    usage: '[--user USER] [--action NAME] [--since TIME] [--until TIME] [--page N] [--per-page N]',
    about: 'show the audit log, newest first',
    words: [0, 0],
    columns: ['created_at', 'action', 'actor', 'address'],
    async run(api, _, values) {
      const user = values.user === undefined ? '' : await idOf(api, text(values.user))
      const asked = query({
        user,
        action: text(values.action),
        created_after: text(values.since),
        created_before: text(values.until),
        page: text(values.page),
        per_page: text(values['per-page']),
      })
      const entries = await api.call('GET', `/admin/audit?${asked}`)
      return (Array.isArray(entries) ? entries : []).map((entry) => ({
        ...entry,
        action: entry.payload.action,
        actor: entry.payload.actor_username,
        address: entry.ip_address || entry.payload.ip_address || '',
      }))
    },
  },
}

async function sessionFor(api: LocalApi, name: string): Promise<unknown> {
  const { email } = Object(await api.call('GET', `/admin/users/${await idOf(api, name)}`))
  if (!email) throw new Error('a session is opened by way of the e-mail address, and this account has none')
  const { hashed_token } = Object(await api.call('POST', '/admin/generate_link', { type: 'magiclink', email }))
  return api.call('POST', '/verify', { type: 'magiclink', token_hash: hashed_token })
}
