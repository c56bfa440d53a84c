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

/** Gives what a flow has kept to the session that its code opens; its end, or null where the provider sets none. */
export async function moveSamlSession(tx: Queryable, flow_id: string, session_id: string): Promise<string | null> {
  const [row] = await tx.query<{ until: string | null }>(
    'update postern.saml_sessions set holder_id = $2 where holder_id = $1 returning until',
    [flow_id, session_id],
  )
  return row?.until ?? null
}
