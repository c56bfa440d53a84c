// Table postern.imported_accounts: which accounts of a run of an import are done, until it has come to its end.
import type { Queryable } from './db.ts'

/** The accounts of a run that are done and still there; each by the hash of what the file says of it. */
export async function findImportedAccounts(db: Queryable, run: string): Promise<string[]> {
  const rows = await db.query<{ account: string }>(
    `select n.account from postern.imported_accounts n join auth.users u on u.id = n.user_id where n.run = $1`,
    [run],
  )
  return rows.map(({ account }) => account)
}

/** Notes accounts as done, in the transaction that writes them. */
export async function noteImportedAccounts(
  tx: Queryable,
  run: string,
  accounts: readonly { account: string; user_id: string }[],
): Promise<void> {
  await tx.query(
    `insert into postern.imported_accounts (run, account, user_id)
      select $1, r.account, r.user_id from json_to_recordset($2::json) as r(account text, user_id uuid) on conflict do nothing`,
    [run, JSON.stringify(accounts)],
  )
}

/** Forgets a run. */
export async function forgetImportedAccounts(db: Queryable, run: string): Promise<void> {
  await db.query('delete from postern.imported_accounts where run = $1', [run])
}
