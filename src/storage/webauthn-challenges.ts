// Table auth.webauthn_challenges: what is asked of passkeys, once each.
import type { Queryable } from './db.ts'

/** What was asked, as the reference writes it; the user's id and those of credentials are standard base64. */
export interface WebAuthnSession {
  challenge: string
  rpId: string
  user_id: string | null
  allowed_credentials?: string[]
  /** RFC 3339. */
  expires: string
  userVerification: string
  credParams?: { type: string; alg: number }[]
}

/** A challenge that was used up. */
export interface WebAuthnChallenge {
  session_data: WebAuthnSession
  is_expired: boolean
}

/** Adds a challenge; gives its end in whole seconds since the epoch, by the database's clock. */
export async function insertWebAuthnChallenge(
  db: Queryable,
  challenge: {
    id: string
    user_id: string | null
    challenge_type: 'registration' | 'authentication'
    session_data: WebAuthnSession
    life_ms: number
  },
): Promise<number> {
  const [row] = await db.query<{ expires_s: number }>(
    `insert into auth.webauthn_challenges (id, user_id, challenge_type, session_data, expires_at)
      values ($1, $2, $3, $4, now() + $5::float8 * interval '1 millisecond')
      returning floor(extract(epoch from expires_at))::float8 as expires_s`,
    [challenge.id, challenge.user_id, challenge.challenge_type, challenge.session_data, challenge.life_ms],
  )
  return row?.expires_s ?? 0
}

/** Uses a challenge up that was put to an account, or to nobody in particular; of parallel callers one gets it. */
export async function consumeWebAuthnChallenge(
  db: Queryable,
  challenge: { id: string; user_id: string | null; challenge_type: 'registration' | 'authentication' },
): Promise<WebAuthnChallenge | null> {
  const [row] = await db.query<WebAuthnChallenge>(
    `delete from auth.webauthn_challenges where id = $1 and challenge_type = $3 and user_id is not distinct from $2::uuid
      returning session_data, expires_at <= now() as is_expired`,
    [challenge.id, challenge.user_id, challenge.challenge_type],
  )
  return row ?? null
}
