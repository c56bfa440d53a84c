// postern export: every account as a line of JSON that postern import reads, to standard output or into a file.
import { randomUUID } from 'node:crypto'
import { exportAccounts } from '../../flows/import/export-accounts.ts'
import { nilUuid } from '../../flows/steps/requests/uuid.ts'
import { insertAuditEntries } from '../../storage/audit-log.ts'
import type { Db } from '../../storage/db.ts'
import type { Line } from '../command.ts'
import { openLocalApi } from '../local-api.ts'
import { operatorName } from '../operator-name.ts'
import { readSecret } from '../read-secret.ts'
import { UsageError } from '../usage-error.ts'
import type { exportOptions } from './options.ts'
import { createExportFile, type ExportFile } from './sealed-file.ts'

const shortest = 12

/** Runs the export. */
export async function exportUsers({ values }: Line<typeof exportOptions>): Promise<number> {
  const { config, state, output, 'with-secrets': with_secrets, 'with-hashes': with_hashes } = values
  const path = output ?? (with_secrets ? 'postern-export.sealed' : undefined)
  const passphrase = with_secrets ? await askPassphrase() : null
  // Without secrets nothing is written; with them, the audit log says so first.
  const api = await openLocalApi({ config, state, bulk: true, reads: !with_secrets })
  if (!api) return 1
  try {
    const file = path === undefined ? standardOutput : await createExportFile(path, passphrase)
    if (with_secrets) await recordExport(api.db, path ?? '')
    const { db, column_cipher } = api
    const { accounts, left_out } = await exportAccounts({
      db,
      column_cipher,
      with_hashes,
      with_secrets,
      write: file.write,
    })
    await file.close()
    console.error(`${accounts} accounts${path === undefined ? '' : ` in ${path}`}.`)
    for (const { count, what, why } of left_out) console.error(`Left out: ${count} ${what} (${why}).`)
    return 0
  } finally {
    await api.close()
  }
}

/** Asked for twice at a terminal, as nobody can open the file without it. @throws UsageError for one that is too short */
async function askPassphrase(): Promise<string> {
  const passphrase = await readSecret('Passphrase for the file')
  if (passphrase.length < shortest) throw new UsageError(`the passphrase needs ${shortest} characters or more`)
  if (process.stdin.isTTY && (await readSecret('The same again')) !== passphrase)
    throw new UsageError('the two passphrases differ')
  return passphrase
}

/** Who took all secrets out of the database, and where to. */
async function recordExport(db: Db, file: string): Promise<void> {
  const payload = {
    action: 'accounts_exported',
    actor_id: nilUuid,
    actor_username: operatorName(),
    actor_via_sso: false,
    log_type: 'account',
    traits: { with_secrets: true, file },
  }
  await insertAuditEntries(db, [{ id: randomUUID(), payload, ip_address: '' }])
}

/** Waits where the reader of a pipe is slower. */
const standardOutput: ExportFile = {
  write: (text) =>
    new Promise((resolve) => {
      if (process.stdout.write(text)) resolve()
      else process.stdout.once('drain', resolve)
    }),
  close: async () => {},
}
