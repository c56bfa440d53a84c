// Table postern.pending_links: identities that wait to be linked until their person agrees or their verifier is shown.
import type { Queryable } from './db.ts'

/** What an attempt is to link. */
export interface PendingLink {
  sealed: string
  /** The session that asked for it; null for a token without one. */
  session_id: string | null
  /** Seconds since it was asked for, by the database's clock. */
  age_s: number
}

/** Remembers which session asked for an attempt that links an identity. */
export async function beginPendingLinking(tx: Queryable, flow_id: string, session_id: string | null): Promise<void> {
  await tx.query("insert into postern.pending_links (flow_id, session_id, sealed) values ($1, $2, '')", [
    flow_id,
    session_id,
  ])
}

/** Keeps what an attempt will link. */
export async function storePendingLinking(tx: Queryable, flow_id: string, sealed: string): Promise<void> {
  await tx.query(
    `insert into postern.pending_links (flow_id, sealed) values ($1, $2)
      on conflict (flow_id) do update set sealed = excluded.sealed`,
    [flow_id, sealed],
  )
}

/** Takes away what an attempt links, `sealed` empty where nobody came back yet; null for attempts that link nothing. */
export async function takePendingLinking(tx: Queryable, flow_id: string): Promise<PendingLink | null> {
  const [row] = await tx.query<PendingLink>(
    `delete from postern.pending_links where flow_id = $1
      returning sealed, session_id, extract(epoch from now() - created_at)::float8 as age_s`,
    [flow_id],
  )
  return row ?? null
}
