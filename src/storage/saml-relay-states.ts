// Table auth.saml_relay_states: people who were sent to their company's identity provider.
import type { Queryable } from './db.ts'

/** A sign-in with SAML that is under way. */
export interface SamlAttempt {
  /** What comes back as RelayState. */
  id: string
  sso_provider_id: string
  request_id: string
  redirect_to: string
  flow_id: string | null
  /** Set with PKCE. */
  auth_code: string | null
  /** Seconds since it began, by the database's clock. */
  age_s: number
}

/** Keeps what the way back needs, beside the flow. */
export async function insertSamlAttempt(
  tx: Queryable,
  attempt: Pick<SamlAttempt, 'id' | 'sso_provider_id' | 'request_id' | 'redirect_to' | 'flow_id'>,
): Promise<void> {
  await tx.query(
    `insert into auth.saml_relay_states (id, sso_provider_id, request_id, redirect_to, flow_state_id, created_at, updated_at)
      values ($1, $2, $3, $4, $5, now(), now())`,
    [attempt.id, attempt.sso_provider_id, attempt.request_id, attempt.redirect_to, attempt.flow_id],
  )
}

/** The sign-in of a relay state, or null. */
export async function findSamlAttempt(db: Queryable, id: string): Promise<SamlAttempt | null> {
  const [found] = await db.query<SamlAttempt>(
    `select r.id, r.sso_provider_id, r.request_id, coalesce(r.redirect_to, '') as redirect_to, f.id as flow_id, f.auth_code,
        extract(epoch from now() - r.created_at)::float8 as age_s
      from auth.saml_relay_states r left join auth.flow_state f on f.id = r.flow_state_id where r.id = $1`,
    [id],
  )
  return found ?? null
}

/** Uses a relay state up; false when another request was first. Its flow stays: for the exchange of its code, else until it is a day old, as recorded. */
export async function takeSamlAttempt(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query('delete from auth.saml_relay_states where id = $1 returning id', [id])
  return rows.length > 0
}
