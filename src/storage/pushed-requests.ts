// Table postern.pushed_requests: what applications ask of people, sent before the browser goes there (RFC 9126).
import type { Queryable } from './db.ts'

/** A request that was pushed. */
export interface PushedRequest {
  client_id: string
  parameters: Record<string, string>
  /** Thumbprint of the key that came with it; null for none. */
  jkt: string | null
}

/** Keeps a request for so many seconds. */
export async function insertPushedRequest(
  db: Queryable,
  uri_hash: string,
  { client_id, parameters, jkt }: PushedRequest,
  life_s: number,
): Promise<void> {
  await db.query(
    `insert into postern.pushed_requests (uri_hash, client_id, parameters, jkt, expires_at)
      values ($1, $2, $3, $4, now() + make_interval(secs => $5::float8))`,
    [uri_hash, client_id, parameters, jkt, life_s],
  )
}

/** Uses a request of a client up; null when there is none that is still good. */
export async function takePushedRequest(
  db: Queryable,
  uri_hash: string,
  client_id: string,
): Promise<PushedRequest | null> {
  const [row] = await db.query<PushedRequest & { is_good: boolean }>(
    `delete from postern.pushed_requests where uri_hash = $1 and client_id = $2
      returning client_id, parameters, jkt, expires_at > now() as is_good`,
    [uri_hash, client_id],
  )
  return row?.is_good ? row : null
}
