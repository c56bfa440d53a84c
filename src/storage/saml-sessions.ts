// Table postern.saml_sessions: what identity providers call the sessions that they opened, and until when those last.
import type { Queryable } from './db.ts'

/** A session by its provider's names. */
export interface SamlSession {
  sso_provider_id: string
  name_id: string
  /** Format and qualifiers of the name, as the provider wrote them. */
  name_id_more: { format: string; name_qualifier: string; sp_name_qualifier: string }
  session_index: string
  /** Milliseconds since the epoch; null where the provider sets no end. */
  until_ms: number | null
}

/** Keeps a session under its own id, or under that of its flow until its code is exchanged. */
export async function insertSamlSession(tx: Queryable, holder_id: string, session: SamlSession): Promise<void> {
  await tx.query(
    `insert into postern.saml_sessions (holder_id, sso_provider_id, name_id, name_id_more, session_index, until)
      values ($1, $2, $3, $4::jsonb, $5, to_timestamp($6::float8 / 1000))`,
    [
      holder_id,
      session.sso_provider_id,
      session.name_id,
      session.name_id_more,
      session.session_index,
      session.until_ms,
    ],
  )
}

/** The provider's names of a session, or null for one that no provider opened. */
export async function findSamlSession(db: Queryable, session_id: string): Promise<SamlSession | null> {
  const [found] = await db.query<SamlSession>(
    `select sso_provider_id, name_id, name_id_more, session_index, (extract(epoch from until) * 1000)::float8 as until_ms
      from postern.saml_sessions where holder_id = $1`,
    [session_id],
  )
  return found ?? null
}

/**
 * Takes away the sessions that a provider names, all of a person without names of sessions.
 * @returns sessions with their accounts, and flows without one, whose codes were not exchanged yet
 */
export async function takeSamlSessions(
  tx: Queryable,
  named: { sso_provider_id: string; name_id: string; session_indexes: string[] },
): Promise<{ holder_id: string; user_id: string | null }[]> {
  return tx.query(
    `delete from postern.saml_sessions where sso_provider_id = $1 and name_id = $2
        and (cardinality($3::text[]) = 0 or session_index = any($3::text[])) returning holder_id,
        (select s.user_id from auth.sessions s where s.id = holder_id) as user_id`,
    [named.sso_provider_id, named.name_id, named.session_indexes],
  )
}

/** Gives what a flow has kept to the session that its code opens; its end, or null where the provider sets none. */
export async function moveSamlSession(tx: Queryable, flow_id: string, session_id: string): Promise<string | null> {
  const [row] = await tx.query<{ until: string | null }>(
    'update postern.saml_sessions set holder_id = $2 where holder_id = $1 returning until',
    [flow_id, session_id],
  )
  return row?.until ?? null
}
