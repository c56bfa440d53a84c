// What each line of a batch does: who is new, who is there, and who clashes, within the batch too.
import type { Queryable } from '../../storage/db.ts'
import { type ExistingUser, findExistingUsers, findIdentityOwners } from '../../storage/import-users.ts'
import { type AccountDefaults, type CompletedUser, completeUser } from './complete-user.ts'
import type { ImportedUser } from './to-imported-user.ts'

/** What became of a line. */
export interface Outcome {
  line: number
  /** Where there are several. */
  file?: string
  outcome: 'created' | 'updated' | 'skipped' | 'failed'
  id?: string
  code?: string
  message?: string
  /** What the account came without, because it was asked for. */
  without?: string[]
}

/** A line that can be imported; `account` is the hash of what the file says. */
export interface Candidate {
  line: number
  account: string
  user: ImportedUser
}

/** A line with what it does; only created and updated ones have an account to write. */
export interface Plan {
  candidate: Candidate
  outcome: Outcome
  user?: CompletedUser
}

const keyOf = ({ provider, provider_id }: Record<string, unknown>) => `${provider}\n${provider_id}`

/** Plans candidates in their order; an account that one line makes is there for the next. */
export async function planBatch(
  db: Queryable,
  candidates: readonly Candidate[],
  { upsert, defaults, is_empty }: { upsert: boolean; defaults: AccountDefaults; is_empty: boolean },
): Promise<Plan[]> {
  const users = candidates.map(({ user }) => user)
  const state = stateOf(await findThere(db, is_empty ? [] : users))
  return candidates.map((candidate) => {
    const { line, user } = candidate
    const fail = (code: string, message: string): Plan => ({
      candidate,
      outcome: { line, outcome: 'failed', code, message },
    })
    const found = state.find(user)
    if (typeof found === 'string') return fail('conflict', found)
    if (!found && user.must_exist)
      return fail('user_not_found', `there is no account ${user.id}; import the accounts first`)
    const id = found?.id ?? user.id
    const foreign = user.rows.identities.find((one) => (state.owners.get(keyOf(one)) ?? id) !== id)
    if (foreign)
      return fail(
        'identity_already_exists',
        `the ${foreign.provider} identity ${foreign.provider_id} belongs to another account`,
      )
    if (found && !upsert) {
      const message = 'the account is there already'
      return { candidate, outcome: { line, outcome: 'skipped', id, code: 'user_already_exists', message } }
    }
    const completed = completeUser(user, found, defaults)
    state.note(completed, found)
    const outcome = found ? 'updated' : 'created'
    const { without } = user
    return { candidate, user: completed, outcome: { line, outcome, id, ...(without.length > 0 && { without }) } }
  })
}

/** The accounts of the database that lines may be about, and whose the identities are. */
async function findThere(db: Queryable, users: readonly ImportedUser[]): Promise<There> {
  if (users.length === 0) return { existing: [], owned: [] }
  const texts = (values: unknown[]) => values.filter((value) => typeof value === 'string')
  const of_line = users.flatMap(({ rows }) => rows.identities) as { provider: string; provider_id: string }[]
  const [existing, owned] = await Promise.all([
    findExistingUsers(db, {
      ids: users.map(({ id }) => id),
      emails: texts(users.map(({ columns }) => (columns.is_sso_user ? null : columns.email))),
      phones: texts(users.map(({ columns }) => columns.phone)),
    }),
    of_line.length === 0 ? [] : findIdentityOwners(db, of_line),
  ])
  return { existing, owned }
}

interface There {
  existing: ExistingUser[]
  owned: Awaited<ReturnType<typeof findIdentityOwners>>
}

/** Who is there, in the database and by the lines before. */
function stateOf({ existing, owned }: There) {
  const owners = new Map(owned.map(({ key, user_id }) => [key, user_id]))
  const by_id = new Map<string, ExistingUser>()
  const by_address = new Map<string, string>()
  const remember = (user: ExistingUser) => {
    by_id.set(user.id, user)
    if (user.email && !user.is_sso_user) by_address.set(`email ${user.email}`, user.id)
    if (user.phone) by_address.set(`phone ${user.phone}`, user.id)
  }
  for (const user of existing) remember(user)

  return {
    owners,
    /** The account that a line is about, null for none, or why that cannot be told. */
    find(user: ImportedUser): ExistingUser | null | string {
      const { email, phone, is_sso_user } = user.columns
      const addresses = [...(email && !is_sso_user ? [`email ${email}`] : []), ...(phone ? [`phone ${phone}`] : [])]
      const ids = new Set([
        ...(by_id.has(user.id) ? [user.id] : []),
        ...addresses.flatMap((one) => by_address.get(one) ?? []),
      ])
      if (ids.size > 1) return 'id, email and phone belong to different accounts'
      const [id = ownerOfIdentity(user, owners)] = ids
      if (id === undefined) return null
      if (user.id_is_given && id !== user.id) return `the account with this address has another id, ${id}`
      return by_id.get(id) ?? bareUser(id)
    },
    /** Remembers what a line makes of an account. */
    note({ id, columns, rows }: CompletedUser, before: ExistingUser | null) {
      for (const one of rows.identities) owners.set(keyOf(one), id)
      const { email, phone, email_confirmed_at, is_sso_user } = columns
      const there = before ?? bareUser(id)
      remember({
        id,
        email: email === undefined ? there.email : (email as string | null),
        phone: phone === undefined ? there.phone : (phone as string | null),
        email_is_confirmed: email_confirmed_at === undefined ? there.email_is_confirmed : email_confirmed_at !== null,
        is_sso_user: is_sso_user === undefined ? there.is_sso_user : is_sso_user === true,
        providers: [...there.providers, ...rows.identities.map(({ provider }) => String(provider))],
      })
    },
  }
}

/** An account of which a line names nothing but identities is the one that has them. */
function ownerOfIdentity(user: ImportedUser, owners: ReadonlyMap<string, string>): string | undefined {
  const { email, phone } = user.columns
  if (email || phone || user.id_is_given || user.columns.raw_app_meta_data) return undefined
  return user.rows.identities.map((one) => owners.get(keyOf(one))).find((id) => id !== undefined)
}

const bareUser = (id: string): ExistingUser => ({
  id,
  email: null,
  phone: null,
  email_is_confirmed: false,
  is_sso_user: false,
  providers: [],
})
