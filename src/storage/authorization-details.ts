// Table postern.authorization_details: what is asked and answered with a request for authorization beyond its own columns.
import type { Queryable } from './db.ts'

/** Details of a request for authorization; times are RFC 3339. */
export interface AuthorizationDetails {
  /** Thumbprint of the key that its code is bound to (RFC 9449 §10). */
  jkt: string | null
  /** Words of `prompt` (OpenID Connect Core §3.1.2.1), separated by spaces. */
  prompt: string | null
  /** Seconds that may have passed since the person signed in. */
  max_age_s: number | null
  asked_at: string
  /** When the person who agreed had signed in. */
  signed_in_at: string | null
}

/** Keeps details of a request that was made `age_s` seconds ago. */
export async function insertAuthorizationDetails(
  db: Queryable,
  id: string,
  { jkt, prompt, max_age_s, age_s }: Pick<AuthorizationDetails, 'jkt' | 'prompt' | 'max_age_s'> & { age_s: number },
): Promise<void> {
  await db.query(
    `insert into postern.authorization_details (id, jkt, prompt, max_age_s, asked_at)
      values ($1, $2, $3, $4, now() - make_interval(secs => $5::float8))`,
    [id, jkt, prompt, max_age_s, age_s],
  )
}

/** The details of a request; null where there are none. */
export async function findAuthorizationDetails(db: Queryable, id: string): Promise<AuthorizationDetails | null> {
  const [row] = await db.query<AuthorizationDetails>(
    'select jkt, prompt, max_age_s, asked_at, signed_in_at from postern.authorization_details where id = $1',
    [id],
  )
  return row ?? null
}

/** Notes when the person who agrees had signed in. */
export async function noteSignIn(tx: Queryable, id: string, signed_in_at: string): Promise<void> {
  await tx.query(
    `insert into postern.authorization_details (id, signed_in_at) values ($1, $2)
      on conflict (id) do update set signed_in_at = excluded.signed_in_at`,
    [id, signed_in_at],
  )
}
