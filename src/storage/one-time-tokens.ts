// Tables auth.one_time_tokens and postern.link_tokens, and the token columns of auth.users: links and codes that work once.
import type { Queryable } from './db.ts'
import { type User, userColumns } from './users.ts'

/** Kinds of one_time_tokens.token_type. */
export type TokenType =
  | 'confirmation_token'
  | 'recovery_token'
  | 'email_change_token_new'
  | 'email_change_token_current'
  | 'phone_change_token'
  | 'reauthentication_token'

/** Column of auth.users that says when a kind was last sent. */
export const sentAtColumn = {
  confirmation_token: 'confirmation_sent_at',
  recovery_token: 'recovery_sent_at',
  email_change_token_new: 'email_change_sent_at',
  email_change_token_current: 'email_change_sent_at',
  phone_change_token: 'phone_change_sent_at',
  reauthentication_token: 'reauthentication_sent_at',
} as const satisfies Record<TokenType, keyof User>

/**
 * Claims the right to send a token of a kind to an account: sets its sent-at to now unless one was sent less than
 * `frequency_ms` ago. Of many requests at once exactly one wins.
 * @returns null when it may be sent; else the whole seconds to wait, rounded down
 */
export async function claimSending(
  tx: Queryable,
  user_id: string,
  type: TokenType,
  frequency_ms: number,
): Promise<number | null> {
  const column = sentAtColumn[type]
  const rows = await tx.query<{ claimed: boolean; wait_s: number }>(
    `with claim as (
        update auth.users set ${column} = now(), updated_at = now()
          where id = $1 and (${column} is null or ${column} + $2::float8 * interval '1 millisecond' <= now()) returning id)
      select exists (select from claim) as claimed,
        coalesce(floor(extract(epoch from ${column} + $2::float8 * interval '1 millisecond' - now())), 0)::int as wait_s
      from auth.users where id = $1`,
    [user_id, frequency_ms],
  )
  const [row] = rows
  return row && !row.claimed ? Math.max(0, row.wait_s) : null
}

/**
 * Stores a token: the column of auth.users, its sent-at (now) and the row, in place of an older one of its kind; beside
 * them, in schema postern, the hash of what its link carries.
 */
export async function storeOneTimeToken(
  tx: Queryable,
  token: { user_id: string; type: TokenType; token_hash: string; relates_to: string; link_hash: string },
): Promise<void> {
  await tx.query(
    `with marked as (
        update auth.users set ${token.type} = $3, ${sentAtColumn[token.type]} = now(), updated_at = now() where id = $1),
      linked as (
        insert into postern.link_tokens (user_id, token_type, token_hash, link_hash, relates_to)
          values ($1, $2::text, $3, $5, lower($4))
        on conflict (user_id, token_type) do update
          set token_hash = excluded.token_hash, link_hash = excluded.link_hash, relates_to = excluded.relates_to,
            created_at = excluded.created_at)
      insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
        values (gen_random_uuid(), $1, $2::auth.one_time_token_type, $3, lower($4), now(), now())
      on conflict (user_id, token_type) do update
        set id = excluded.id, token_hash = excluded.token_hash, relates_to = excluded.relates_to,
          created_at = excluded.created_at, updated_at = excluded.updated_at`,
    [token.user_id, token.type, token.token_hash, token.relates_to, token.link_hash],
  )
}

/** A token that was found, with its account. */
export interface FoundToken {
  token_type: TokenType
  token_hash: string
  /** The address that it was sent to, in lower case. */
  relates_to: string
  user: User
  /** Seconds since it was sent, by the database's clock; null when its sent-at is empty. */
  age_s: number | null
}

const ofLink = `l.user_id = o.user_id and l.token_type = o.token_type::text and l.token_hash = o.token_hash`

/**
 * Finds a token by what a link carries, among kinds in their order: ours by the hash of it, and those that a reference
 * server wrote by the hash in their row, which is what its links carry. A link leads to its account in whatever audience.
 * With `known_hash` the hash of the row opens ours too, where something else proves the address (security REV-01).
 */
export async function findByLinkToken(
  db: Queryable,
  { carried, link_hash, known_hash }: { carried: string; link_hash: string; known_hash: boolean },
  types: readonly TokenType[],
): Promise<FoundToken | null> {
  const ages = types.map((type) => `when '${type}' then u.${sentAtColumn[type]}`).join(' ')
  const [row] = await db.query<FoundRow>(
    `with found as (
        select o.* from postern.link_tokens l join auth.one_time_tokens o on ${ofLink} where l.link_hash = $3
        union
        select o.* from auth.one_time_tokens o
          where o.token_hash = $1 and ($4::boolean or not exists (select from postern.link_tokens l where ${ofLink})))
      select o.token_type, o.token_hash, o.relates_to,
          extract(epoch from now() - case o.token_type ${ages} end)::float8 as age_s, ${userColumns}
        from found o join auth.users u on u.id = o.user_id
        where o.token_type = any($2::auth.one_time_token_type[]) and not u.is_sso_user
        order by array_position($2::auth.one_time_token_type[], o.token_type) limit 1`,
    [carried, types, link_hash, known_hash],
  )
  return row ? asFound(row) : null
}

type FoundRow = User & Omit<FoundToken, 'user'>

function asFound({ token_type, token_hash, relates_to, age_s, ...user }: FoundRow): FoundToken {
  return { token_type, token_hash, relates_to, age_s, user }
}

/**
 * Uses a token up: empties the column of auth.users that holds it and deletes its row, in one statement.
 * @returns false when another request was first
 */
export async function consumeOneTimeToken(
  tx: Queryable,
  user_id: string,
  type: TokenType,
  token_hash: string,
): Promise<boolean> {
  const rows = await tx.query(
    `with gone as (delete from auth.one_time_tokens where user_id = $1 and token_type = '${type}' and token_hash = $2)
      update auth.users set ${type} = '', updated_at = now() where id = $1 and ${type} = $2 returning id`,
    [user_id, token_hash],
  )
  return rows.length > 0
}

/** Deletes the rows of all tokens of an account; the columns of auth.users stay. */
export async function deleteOneTimeTokens(tx: Queryable, user_id: string): Promise<void> {
  await tx.query('delete from auth.one_time_tokens where user_id = $1', [user_id])
}

/** The columns of auth.users that hold pending tokens. */
export const tokenColumns = Object.keys(sentAtColumn)
const timeColumns = [...new Set(Object.values(sentAtColumn))]

/** Ends every pending token of an account: rows, columns and, unless they are kept, their times. */
export async function clearAllTokens(tx: Queryable, user_id: string, { keepsTimes = false } = {}): Promise<void> {
  const times = keepsTimes ? [] : timeColumns
  const emptied = [...tokenColumns.map((name) => `${name} = ''`), ...times.map((name) => `${name} = null`)].join(', ')
  await tx.query(
    `with gone as (delete from auth.one_time_tokens where user_id = $1)
      update auth.users set ${emptied}, updated_at = now() where id = $1`,
    [user_id],
  )
}

/**
 * Tokens of changes of address that were sent to an address, newest first: more than one account may ask for one. As in the
 * reference the proof of another thing deletes the rows of all tokens, but the code on a phone counts while its column holds it.
 */
export async function findChangeTokens(
  db: Queryable,
  address: string,
  types: readonly TokenType[],
  aud: string,
): Promise<FoundToken[]> {
  const ages = types.map((type) => `when '${type}' then u.${sentAtColumn[type]}`).join(' ')
  const held = types.map((type) => `when '${type}' then u.${type}`).join(' ')
  const rows = await db.query<FoundRow>(
    `with sent as (
        select user_id, token_type::text, token_hash, relates_to from auth.one_time_tokens where relates_to = lower($1)
        union
        select user_id, token_type, token_hash, relates_to from postern.link_tokens
          where relates_to = lower($1) and token_type = 'phone_change_token')
      select s.token_type, s.token_hash, s.relates_to,
          extract(epoch from now() - case s.token_type ${ages} end)::float8 as age_s, ${userColumns}
        from sent s join auth.users u on u.id = s.user_id
        where u.aud = $3 and not u.is_sso_user and s.token_type = any($2::text[]) and s.token_hash = case s.token_type ${held} end
        order by age_s limit 20`,
    [address, types, aud],
  )
  return rows.map(asFound)
}

/** Whether a token of a kind was sent to an address of an account and waits to be used. */
export async function isTokenPending(
  db: Queryable,
  user_id: string,
  type: TokenType,
  address: string,
): Promise<boolean> {
  const rows = await db.query(
    `select from auth.one_time_tokens
      where user_id = $1 and token_type = $2::auth.one_time_token_type and relates_to = lower($3)`,
    [user_id, type, address],
  )
  return rows.length > 0
}

/** Seconds since each kind of token was last sent to an account, by the database's clock. */
export async function sentAges(
  db: Queryable,
  user_id: string,
): Promise<Record<'confirmation_token' | 'recovery_token', number | null>> {
  const [row] = await db.query<Record<'confirmation_token' | 'recovery_token', number | null>>(
    `select extract(epoch from now() - confirmation_sent_at)::float8 as confirmation_token,
        extract(epoch from now() - recovery_sent_at)::float8 as recovery_token
      from auth.users where id = $1`,
    [user_id],
  )
  return row ?? { confirmation_token: null, recovery_token: null }
}

/**
 * Seconds until a message of a kind may be sent again to an account or to whoever has a number by now; null when it may.
 */
export async function waitForMessage(
  db: Queryable,
  user_id: string,
  phone: string,
  type: TokenType,
  frequency_ms: number,
): Promise<number | null> {
  const [row] = await db.query<{ wait_s: number }>(
    `select floor(extract(epoch from max(${sentAtColumn[type]}) + $3::float8 * interval '1 millisecond' - now()))::float8 as wait_s
      from auth.users where (id = $1 or phone = $2) and ${sentAtColumn[type]} + $3::float8 * interval '1 millisecond' > now()`,
    [user_id, phone, frequency_ms],
  )
  return row && row.wait_s !== null ? Math.max(0, row.wait_s) : null
}
