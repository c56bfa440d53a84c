// postern admin users: accounts are found, made, changed, banned and deleted.
import { type Command, choice, flag, object, text, type Values } from '../command.ts'
import type { LocalApi } from '../local-api.ts'
import { readSecret } from '../read-secret.ts'
import { Refused } from '../refused.ts'
import { duration, pointInTime } from '../time-options.ts'
import { UsageError } from '../usage-error.ts'
import { adminCommand, pageOptions } from './admin-command.ts'
import { requireRedirect, requireRole } from './known-names.ts'
import { given, listPages } from './list-pages.ts'
import { eachUser, idOf, usersWord, userWord } from './several-users.ts'

const columns = [
  'id',
  'email',
  'phone',
  'role',
  'created_at',
  'last_sign_in_at',
  'banned_until',
  'app_metadata.ban_reason',
]

const accountOptions = {
  email: text('ADDRESS', 'e-mail address'),
  phone: text('NUMBER', 'phone number'),
  role: text('ROLE', 'role of the account in the database'),
  'new-role': flag('take a --role that neither the configuration nor the database knows'),
  password: flag('read a password from standard input, or ask for it'),
  metadata: object('user_metadata, merged into what is there; null removes a key'),
  'app-metadata': object('app_metadata, merged into what is there; null removes a key'),
}

/** Fields of an account that options set. */
async function attributes(api: LocalApi, values: Values<typeof accountOptions>): Promise<Record<string, unknown>> {
  const { email, phone, role, password, metadata, 'app-metadata': app_metadata, 'new-role': isNew } = values
  if (isNew && role === undefined) throw new UsageError('--new-role goes with --role')
  if (role !== undefined && !isNew) await requireRole(api, role)
  const secret = password ? await readSecret('Password') : undefined
  return given<unknown>({ email, phone, role, password: secret, user_metadata: metadata, app_metadata })
}

const confirmed = (by: { email?: unknown; phone?: unknown }) => ({
  ...(by.email ? { email_confirm: true } : {}),
  ...(by.phone ? { phone_confirm: true } : {}),
})

const yesOrNo = choice(['yes', 'no'], '')
const filter = (about: string) => ({ ...yesOrNo, about })
const asFlag = (value: 'yes' | 'no' | undefined) => (value === undefined ? undefined : String(value === 'yes'))

/** A ban of no end, as the API takes it. */
const century_s = 100 * 365 * 86_400

/** Rows of the table. */
export const userCommands: Command[] = [
  adminCommand({
    name: 'users list',
    reads: true,
    about: 'list accounts, newest first',
    options: {
      q: text('TEXT', 'those whose address, number or name begins so'),
      provider: text('NAME', 'those who sign in with a provider'),
      banned: filter('those who are banned now, or are not'),
      confirmed: filter('those with a proved address or number, or without'),
      since: pointInTime('those created from then on'),
      until: pointInTime('those created before then'),
      ...pageOptions,
    },
    columns,
    examples: [
      ['postern admin users list --q ada', 'finds Ada by the beginning of her address or name'],
      ['postern admin users list --all --format csv > users.csv', 'writes all accounts for a spreadsheet'],
    ],
    run: (api, { values: { q, provider, banned, confirmed, since, until, ...pages } }) =>
      listPages(
        api,
        '/admin/users',
        {
          q,
          provider,
          banned: asFlag(banned),
          confirmed: asFlag(confirmed),
          created_after: since,
          created_before: until,
        },
        pages,
      ),
  }),
  adminCommand({
    name: 'users get',
    reads: true,
    about: 'show accounts with everything about them',
    words: [usersWord],
    examples: [['postern admin users get ada@example.com --json', 'shows an account as the API does']],
    run: (api, { words }) => eachUser(api, words, (id) => api.call('GET', `/admin/users/${id}`)),
  }),
  adminCommand({
    name: 'users create',
    about: 'create an account',
    options: {
      ...accountOptions,
      confirm: flag('count its address and number as proved'),
      id: text('UUID', 'the id that it gets'),
    },
    examples: [
      ['postern admin users create --email ada@example.com --password --confirm', 'asks for the password'],
      ['postern admin users create --phone +15550001234 --confirm', 'makes an account that signs in by phone'],
    ],
    async run(api, { values: { confirm, id, ...values } }) {
      if ((values.email ?? values.phone) === undefined) throw new UsageError('--email or --phone is missing')
      const fields = { ...(await attributes(api, values)), ...given({ id }) }
      return api.call('POST', '/admin/users', { ...fields, ...(confirm ? confirmed(values) : {}) })
    },
  }),
  adminCommand({
    name: 'users update',
    about: 'change an account',
    words: [userWord],
    options: { ...accountOptions, confirm: flag('count the new address and number as proved') },
    examples: [
      [
        'postern admin users update ada@example.com --app-metadata \'{"plan":"pro"}\'',
        'changes one key, keeps the others',
      ],
      ['postern admin users update ada@example.com --email ada@example.org --confirm', 'replaces an address'],
    ],
    async run(api, { words: [name], values: { confirm, ...values } }) {
      if (confirm && (values.email ?? values.phone) === undefined)
        throw new UsageError('--confirm goes with --email or --phone; see postern admin users confirm')
      const fields = await attributes(api, values)
      if (Object.keys(fields).length === 0) throw new UsageError('nothing to change is given')
      return api.call('PUT', `/admin/users/${await idOf(api, name)}`, {
        ...fields,
        ...(confirm ? confirmed(values) : {}),
      })
    },
  }),
  adminCommand({
    name: 'users confirm',
    about: 'count addresses and numbers of accounts as proved',
    words: [usersWord],
    options: { only: choice(['email', 'phone'], 'one of the two, default both') },
    columns,
    examples: [['postern admin users confirm ada@example.com', 'lets somebody in whose mail never arrived']],
    run: (api, { words, values: { only } }) =>
      eachUser(api, words, async (id) => {
        const user = Object(await api.call('GET', `/admin/users/${id}`))
        const by = { email: only !== 'phone' && user.email, phone: only !== 'email' && user.phone }
        if (!by.email && !by.phone) throw new Refused(`${user.id} has no ${only ?? 'address or number'} to confirm`)
        return api.call('PUT', `/admin/users/${id}`, confirmed(by))
      }),
  }),
  adminCommand({
    name: 'users ban',
    about: 'keep people from signing in, and end their sessions',
    words: [usersWord],
    options: {
      for: duration('how long; a hundred years unless told otherwise'),
      reason: text('TEXT', 'why; kept as ban_reason in app_metadata until the ban is lifted'),
    },
    columns,
    examples: [
      ['postern admin users ban mallory@example.com --for 7d --reason "spam, case 114"', 'bans for a week'],
      ['postern admin users ban a@example.com b@example.com', 'bans several at once'],
    ],
    run: (api, { words, values }) =>
      eachUser(api, words, (id) =>
        api.call('PUT', `/admin/users/${id}`, {
          ban_duration: `${values.for ?? century_s}s`,
          app_metadata: { ban_reason: values.reason ?? null },
        }),
      ),
  }),
  adminCommand({
    name: 'users unban',
    about: 'end bans',
    words: [usersWord],
    columns,
    examples: [['postern admin users unban mallory@example.com', 'lets somebody in again']],
    run: (api, { words }) =>
      eachUser(api, words, (id) =>
        api.call('PUT', `/admin/users/${id}`, { ban_duration: 'none', app_metadata: { ban_reason: null } }),
      ),
  }),
  adminCommand({
    name: 'users delete',
    about: 'delete accounts',
    words: [usersWord],
    options: { soft: flag('keep the row, without address and password') },
    examples: [['postern admin users delete ada@example.com --soft', 'keeps what refers to the account']],
    run: (api, { words, values: { soft } }) =>
      eachUser(api, words, async (id) => {
        await api.call('DELETE', `/admin/users/${id}`, { should_soft_delete: soft })
        return { id, deleted: true }
      }),
  }),
  adminCommand({
    name: 'users invite',
    about: 'send an invitation by mail',
    words: [{ name: 'EMAIL', about: 'an e-mail address' }],
    options: {
      redirect: text('URL', 'where the link leads in the end'),
      metadata: object('user_metadata of the account'),
    },
    examples: [['postern admin users invite ada@example.com', 'sends the mail of invitations']],
    async run(api, { words: [email], values: { redirect, metadata } }) {
      if (redirect !== undefined) requireRedirect(api.config, redirect)
      const query = new URLSearchParams(given({ redirect_to: redirect }))
      return api.call('POST', `/invite?${query}`, { email, ...given<unknown>({ data: metadata }) })
    },
  }),
]
