// Table auth.oauth_authorizations: what applications ask people for, until the code is exchanged.
import type { Queryable } from './db.ts'

/** A row of auth.oauth_authorizations; `expired` by the database's clock. */
export interface OAuthAuthorization {
  id: string
  authorization_id: string
  client_id: string
  user_id: string | null
  redirect_uri: string
  scope: string
  state: string | null
  resource: string | null
  nonce: string | null
  code_challenge: string | null
  code_challenge_method: string | null
  status: 'pending' | 'approved' | 'denied' | 'expired'
  authorization_code: string | null
  expired: boolean
}

const columns = `id, authorization_id, client_id, user_id, redirect_uri, scope, state, resource, nonce, code_challenge,
  code_challenge_method::text, status::text, authorization_code, coalesce(expires_at <= now(), false) as expired`

/** What a new request for authorization is made of. */
export type NewOAuthAuthorization = Pick<
  OAuthAuthorization,
  | 'id'
  | 'authorization_id'
  | 'client_id'
  | 'redirect_uri'
  | 'scope'
  | 'state'
  | 'resource'
  | 'nonce'
  | 'code_challenge'
  | 'code_challenge_method'
>

/** Keeps a request for authorization for so many seconds. */
export async function insertOAuthAuthorization(
  db: Queryable,
  asked: NewOAuthAuthorization,
  life_s: number,
): Promise<void> {
  await db.query(
    `insert into auth.oauth_authorizations (id, authorization_id, client_id, redirect_uri, scope, state, resource, nonce,
        code_challenge, code_challenge_method, response_type, status, created_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::auth.code_challenge_method, 'code', 'pending', now(),
        now() + make_interval(secs => $11::float8))`,
    [
      asked.id,
      asked.authorization_id,
      asked.client_id,
      asked.redirect_uri,
      asked.scope,
      asked.state,
      asked.resource,
      asked.nonce,
      asked.code_challenge,
      asked.code_challenge_method,
      life_s,
    ],
  )
}

/** Locks a request for authorization; null when there is none, or somebody else has it at this moment. */
export async function lockOAuthAuthorization(
  tx: Queryable,
  authorization_id: string,
): Promise<OAuthAuthorization | null> {
  const [row] = await tx.query<OAuthAuthorization>(
    `select ${columns} from auth.oauth_authorizations where authorization_id = $1 for update skip locked`,
    [authorization_id],
  )
  return row ?? null
}

/** Changes where a request for authorization stands, and whose it is. */
export async function setOAuthAuthorization(
  tx: Queryable,
  id: string,
  change: { user_id?: string; status?: OAuthAuthorization['status']; authorization_code?: string },
): Promise<void> {
  await tx.query(
    `update auth.oauth_authorizations set user_id = coalesce($2::uuid, user_id),
        status = coalesce($3::auth.oauth_authorization_status, status), authorization_code = coalesce($4::text, authorization_code),
        approved_at = case when $3::text = 'approved' then now() else approved_at end where id = $1`,
    [id, change.user_id ?? null, change.status ?? null, change.authorization_code ?? null],
  )
}

/** The approved request of a code. */
export async function findOAuthAuthorizationByCode(db: Queryable, code: string): Promise<OAuthAuthorization | null> {
  const [row] = await db.query<OAuthAuthorization>(
    `select ${columns} from auth.oauth_authorizations where authorization_code = $1 and status = 'approved'`,
    [code],
  )
  return row ?? null
}

/** Uses an approved request up; of several at once one wins. */
export async function consumeOAuthAuthorization(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    `delete from auth.oauth_authorizations where id = $1 and status = 'approved' returning id`,
    [id],
  )
  return rows.length > 0
}
