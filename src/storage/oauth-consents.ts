// Table auth.oauth_consents: what people have granted to applications.
import type { Queryable } from './db.ts'

/** The scopes that an active consent covers, separated by spaces; null without one. */
export async function findConsentScopes(db: Queryable, user_id: string, client_id: string): Promise<string | null> {
  const [row] = await db.query<{ scopes: string }>(
    'select scopes from auth.oauth_consents where user_id = $1 and client_id = $2 and revoked_at is null',
    [user_id, client_id],
  )
  return row?.scopes ?? null
}

/** Keeps an active consent from being taken back until the transaction ends; false when there is none. */
export async function holdConsent(tx: Queryable, user_id: string, client_id: string): Promise<boolean> {
  const rows = await tx.query(
    'select id from auth.oauth_consents where user_id = $1 and client_id = $2 and revoked_at is null for share',
    [user_id, client_id],
  )
  return rows.length > 0
}

/** Grants scopes in place of those that were granted before. */
export async function grantConsent(
  tx: Queryable,
  { id, user_id, client_id, scopes }: { id: string; user_id: string; client_id: string; scopes: string },
): Promise<void> {
  await tx.query(
    `insert into auth.oauth_consents (id, user_id, client_id, scopes, granted_at) values ($1, $2, $3, $4, now())
      on conflict (user_id, client_id) do update set scopes = excluded.scopes, granted_at = now(), revoked_at = null`,
    [id, user_id, client_id, scopes],
  )
}

/** Takes a consent back; false when there is no active one. */
export async function revokeConsent(tx: Queryable, user_id: string, client_id: string): Promise<boolean> {
  const rows = await tx.query(
    `update auth.oauth_consents set revoked_at = now() where user_id = $1 and client_id = $2 and revoked_at is null
      returning id`,
    [user_id, client_id],
  )
  return rows.length > 0
}

/** An application that a person has granted something. */
export interface ConsentOfUser {
  client_id: string
  client_name: string | null
  client_uri: string | null
  logo_uri: string | null
  scopes: string
  granted_at: string
}

/** The active consents of a person, newest first; removed clients left out. */
export const listConsents = (db: Queryable, user_id: string): Promise<ConsentOfUser[]> =>
  db.query<ConsentOfUser>(
    `select n.client_id, c.client_name, c.client_uri, c.logo_uri, n.scopes, n.granted_at
      from auth.oauth_consents n join auth.oauth_clients c on c.id = n.client_id and c.deleted_at is null
      where n.user_id = $1 and n.revoked_at is null order by n.granted_at desc, n.id`,
    [user_id],
  )
