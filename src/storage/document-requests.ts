// Table postern.document_requests: what applications ask that are described by a document, until somebody has signed in.
import type { Queryable } from './db.ts'

/** A request, with the address of the document that names its application. */
export interface DocumentRequest {
  authorization_id: string
  client_document: string
  parameters: Record<string, string>
}

/** Keeps a request for so many seconds. */
export async function insertDocumentRequest(db: Queryable, asked: DocumentRequest, life_s: number): Promise<void> {
  await db.query(
    `insert into postern.document_requests (authorization_id, client_document, parameters, expires_at)
      values ($1, $2, $3::jsonb, now() + make_interval(secs => $4::float8))`,
    [asked.authorization_id, asked.client_document, asked.parameters, life_s],
  )
}

/** Uses a request up; null when there is none that is still good. `left_s` is how long it was still good. */
export async function takeDocumentRequest(
  db: Queryable,
  authorization_id: string,
): Promise<(DocumentRequest & { left_s: number }) | null> {
  const [row] = await db.query<DocumentRequest & { left_s: number }>(
    `delete from postern.document_requests where authorization_id = $1
      returning authorization_id, client_document, parameters, extract(epoch from expires_at - now())::float8 as left_s`,
    [authorization_id],
  )
  return row && row.left_s > 0 ? row : null
}
