// postern import: opens the database and prints what becomes of each line.
import type { Line } from '../command.ts'
import { openLocalApi } from '../local-api.ts'
import { readSecret } from '../read-secret.ts'
import { importFiles } from './import-files.ts'
import type { importOptions } from './options.ts'

/** Runs the import. */
export async function importUsers(line: Line<typeof importOptions>): Promise<number> {
  const { config, state } = line.values
  let close = async () => {}
  try {
    return await importFiles(line, {
      async open() {
        const api = await openLocalApi({ config, state, bulk: true, reads: line.values['dry-run'] })
        if (!api) return null
        close = api.close
        const { db, column_cipher } = api
        return { db, column_cipher, aud: api.config.jwt_aud, role: api.config.jwt_default_group_name }
      },
      print,
      say: (text) => console.error(text),
      askPassphrase: (path) => readSecret(`Passphrase of ${path}`),
    })
  } finally {
    await close()
  }
}

/** Waits where the reader of a pipe is slower. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}
