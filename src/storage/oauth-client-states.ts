// Table auth.oauth_client_states: what has to be kept while somebody is at a provider, such as a code verifier.
import type { Queryable } from './db.ts'

/** A row that was taken. */
export interface OAuthClientState {
  provider_type: string
  code_verifier: string | null
  /** Seconds since it was made, by the database's clock. */
  age_s: number
}

/** Keeps a verifier. */
export async function insertOAuthClientState(
  tx: Queryable,
  state: { id: string; provider_type: string; code_verifier: string },
): Promise<void> {
  await tx.query(
    'insert into auth.oauth_client_states (id, provider_type, code_verifier, created_at) values ($1, $2, $3, now())',
    [state.id, state.provider_type, state.code_verifier],
  )
}

/** Takes a row away, so that it works once; null when it is gone. */
export async function takeOAuthClientState(db: Queryable, id: string): Promise<OAuthClientState | null> {
  const [row] = await db.query<OAuthClientState>(
    `delete from auth.oauth_client_states where id = $1
      returning provider_type, code_verifier, extract(epoch from now() - created_at)::float8 as age_s`,
    [id],
  )
  return row ?? null
}
