// Table postern.pending_links: identities that wait to be linked until the verifier of their flow is shown.
import type { Queryable } from './db.ts'

/** Keeps what a flow will link. */
export async function storePendingLinking(tx: Queryable, flow_id: string, sealed: string): Promise<void> {
  await tx.query('insert into postern.pending_links (flow_id, sealed) values ($1, $2)', [flow_id, sealed])
}

/** Takes away what a flow links; null for flows that link nothing. */
export async function takePendingLinking(tx: Queryable, flow_id: string): Promise<string | null> {
  const [row] = await tx.query<{ sealed: string }>(
    'delete from postern.pending_links where flow_id = $1 returning sealed',
    [flow_id],
  )
  return row?.sealed ?? null
}
