// Table auth.flow_state: sign-in attempts with PKCE and with providers that are under way.
import type { Queryable } from './db.ts'

/** A row of auth.flow_state. */
export interface FlowState {
  id: string
  user_id: string | null
  auth_code: string | null
  code_challenge_method: 's256' | 'plain' | null
  code_challenge: string | null
  provider_type: string
  provider_access_token: string | null
  provider_refresh_token: string | null
  authentication_method: string
  referrer: string | null
  /** Seconds since it was made, by the database's clock. */
  age_s: number
  /** Seconds since its code was issued; null before. */
  issued_s: number | null
}

const columns = `id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, provider_access_token,
  provider_refresh_token, authentication_method, referrer, extract(epoch from now() - created_at)::float8 as age_s,
  extract(epoch from now() - auth_code_issued_at)::float8 as issued_s`

/** Begins a PKCE flow for an account that is known already (RFC 7636 §4.4). */
export async function insertPkceFlow(
  tx: Queryable,
  flow: {
    user_id: string
    code_challenge: string
    code_challenge_method: 's256' | 'plain'
    authentication_method: string
    /** Unless it is the method up to its slash. */
    provider_type?: string
  },
): Promise<void> {
  await tx.query(
    `insert into auth.flow_state (id, user_id, auth_code, code_challenge, code_challenge_method, provider_type,
        provider_access_token, provider_refresh_token, authentication_method, created_at, updated_at)
      values (gen_random_uuid(), $1, gen_random_uuid()::text, $2, $3::auth.code_challenge_method, coalesce($5::text, split_part($4::text, '/', 1)), '', '', $4::text, now(), now())`,
    [
      flow.user_id,
      flow.code_challenge,
      flow.code_challenge_method,
      flow.authentication_method,
      flow.provider_type ?? null,
    ],
  )
}

/** Stamps the account's latest flow of a method as followed, and returns it; null when there is none. */
export async function issueAuthCode(tx: Queryable, user_id: string, method: string): Promise<FlowState | null> {
  const [flow] = await tx.query<FlowState>(
    `update auth.flow_state set auth_code_issued_at = now(), updated_at = now()
      where id = (select id from auth.flow_state where user_id = $1 and authentication_method = $2
        order by created_at desc limit 1) returning ${columns}`,
    [user_id, method],
  )
  return flow ?? null
}

/** The flow that an auth code belongs to, or null. */
export async function findFlowByAuthCode(db: Queryable, auth_code: string): Promise<FlowState | null> {
  const [flow] = await db.query<FlowState>(`select ${columns} from auth.flow_state where auth_code = $1 limit 1`, [
    auth_code,
  ])
  return flow ?? null
}

/** Uses a flow up; false when another request was first. */
export async function consumeFlow(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query('delete from auth.flow_state where id = $1 returning id', [id])
  return rows.length > 0
}

/** A sign-in attempt with a provider that is under way. */
export interface ExternalAttempt {
  id: string
  /** Set once it was used (PKCE). */
  user_id: string | null
  auth_code: string | null
  /** Null in an implicit flow, which answers with tokens at once. */
  code_challenge: string | null
  provider_type: string
  referrer: string | null
  invite_token: string | null
  linking_target_id: string | null
  oauth_client_state_id: string | null
  email_optional: boolean
  /** Seconds since it began, by the database's clock. */
  age_s: number
}

/** Begins a sign-in attempt with a provider; its id is the `state` that the provider gives back. */
export async function insertExternalAttempt(
  tx: Queryable,
  flow: Pick<
    ExternalAttempt,
    | 'id'
    | 'provider_type'
    | 'referrer'
    | 'invite_token'
    | 'linking_target_id'
    | 'oauth_client_state_id'
    | 'email_optional'
  > & { challenge: { code_challenge: string; code_challenge_method: 's256' | 'plain' } | null; method?: 'sso/saml' },
): Promise<void> {
  const { challenge } = flow
  await tx.query(
    `insert into auth.flow_state (id, auth_code, code_challenge, code_challenge_method, provider_type,
        provider_access_token, provider_refresh_token, authentication_method, referrer, invite_token, linking_target_id,
        oauth_client_state_id, email_optional, created_at, updated_at)
      values ($1, case when $2::text is not null then gen_random_uuid()::text end, $2,
        $3::auth.code_challenge_method, $4, '', '', $10, $5, $6, $7, $8, $9, now(), now())`,
    [
      flow.id,
      challenge?.code_challenge ?? null,
      challenge?.code_challenge_method ?? null,
      flow.provider_type,
      flow.referrer,
      flow.invite_token,
      flow.linking_target_id,
      flow.oauth_client_state_id,
      flow.email_optional,
      flow.method ?? 'oauth',
    ],
  )
}

/** The sign-in attempt of a `state`; null for an unknown one, and for flows of other kinds. */
export async function findExternalAttempt(db: Queryable, id: string): Promise<ExternalAttempt | null> {
  const [flow] = await db.query<ExternalAttempt>(
    `select id, user_id, auth_code, code_challenge, provider_type, referrer, invite_token, linking_target_id,
        oauth_client_state_id, email_optional, extract(epoch from now() - created_at)::float8 as age_s
      from auth.flow_state where id = $1 and authentication_method = 'oauth'`,
    [id],
  )
  return flow ?? null
}

/**
 * Uses a sign-in attempt up, in the transaction of what it pays for: an implicit one is deleted, one with PKCE stays locked
 * until `bindExternalAttempt` gives it to an account. False when another request was first.
 */
export async function claimExternalAttempt(
  tx: Queryable,
  flow: Pick<ExternalAttempt, 'id' | 'code_challenge'>,
): Promise<boolean> {
  const rows = await tx.query(
    flow.code_challenge === null
      ? 'delete from auth.flow_state where id = $1 returning id'
      : 'update auth.flow_state set updated_at = now() where id = $1 and user_id is null returning id',
    [flow.id],
  )
  return rows.length > 0
}

/** Gives a sign-in attempt with PKCE to the account that it signed in, with the provider's tokens. */
export async function bindExternalAttempt(
  tx: Queryable,
  flow: { id: string; user_id: string; access_token: string; refresh_token: string },
): Promise<void> {
  await tx.query(
    `update auth.flow_state set user_id = $2, provider_access_token = $3, provider_refresh_token = $4,
        auth_code_issued_at = now(), updated_at = now()
      where id = $1`,
    [flow.id, flow.user_id, flow.access_token, flow.refresh_token],
  )
}
