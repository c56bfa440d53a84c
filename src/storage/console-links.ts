// Table postern.console_links: links by which an operator of the machine opens the console.
import type { Queryable } from './db.ts'

/** Keeps the hash of a link for so many seconds; links that are over go at the same time. */
export async function insertConsoleLink(
  db: Queryable,
  link: { token_hash: Uint8Array; operator: string; expires_in_s: number },
): Promise<void> {
  await db.query(
    `with over as (delete from postern.console_links where expires_at <= now())
      insert into postern.console_links (token_hash, operator, expires_at)
        values ($1, $2, now() + $3::float8 * interval '1 second')`,
    [link.token_hash, link.operator, link.expires_in_s],
  )
}

/** Spends a link: whose it is; null when there is none in force, the second time too. */
export async function takeConsoleLink(tx: Queryable, token_hash: Uint8Array): Promise<string | null> {
  const [link] = await tx.query<{ operator: string; is_good: boolean }>(
    'delete from postern.console_links where token_hash = $1 returning operator, expires_at > now() as is_good',
    [token_hash],
  )
  return link?.is_good ? link.operator : null
}
