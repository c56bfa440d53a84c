// postern export: every account as a line of JSON that postern import reads.
import { findUsersAfter } from '../../storage/exported-users.ts'
import type { Line } from '../command.ts'
import { type LocalApi, openLocalApi } from '../local-api.ts'
import type { exportOptions } from './options.ts'

const pageSize = 1000

/** Runs the export. */
export async function exportUsers({ values }: Line<typeof exportOptions>): Promise<number> {
  const api = await openLocalApi({ config: values.config, state: values.state, bulk: true, reads: true })
  if (!api) return 1
  try {
    let [after, written] = ['00000000-0000-0000-0000-000000000000', 0]
    for (;;) {
      const page = await findUsersAfter(api.db, after, pageSize, values['with-hashes'])
      for (const { password_hash, ...user } of page) {
        const hash = typeof password_hash === 'string' ? opened(api, password_hash, user.id) : password_hash
        await write(`${JSON.stringify({ ...user, ...(hash ? { password_hash: hash } : {}) })}\n`)
        after = user.id
      }
      written += page.length
      if (page.length < pageSize) break
    }
    console.error(`${written} accounts.`)
    return 0
  } finally {
    await api.close()
  }
}

/** A hash as it is without encryption at rest, so that another database can read it. */
const opened = (api: LocalApi, stored: string, id: string): string => api.secret_box.open(stored, id)

/** Waits where the reader of a pipe is slower. */
const write = (text: string): Promise<void> =>
  new Promise((resolve) => {
    if (process.stdout.write(text)) resolve()
    else process.stdout.once('drain', resolve)
  })
