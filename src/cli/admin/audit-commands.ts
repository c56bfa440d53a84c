// postern admin audit: what happened, and who did it.
import { type Command, text } from '../command.ts'
import { pointInTime } from '../time-options.ts'
import { adminCommand, pageOptions } from './admin-command.ts'
import { listPages } from './list-pages.ts'
import { idOf } from './several-users.ts'

/** Rows of the table. */
export const auditCommands: Command[] = [
  adminCommand({
    name: 'audit',
    reads: true,
    about: 'show the audit log, newest first',
    options: {
      user: text('USER', 'what somebody did, or what was done to them'),
      action: text('NAME', 'one kind of entry, such as login'),
      since: pointInTime('from then on'),
      until: pointInTime('before then'),
      ...pageOptions,
    },
    columns: ['created_at', 'action', 'actor', 'address', 'user'],
    examples: [
      ['postern admin audit --user ada@example.com --since 7d', 'shows the last week of an account'],
      ['postern admin audit --action login_failed --all --format csv', 'lists every sign-in that failed'],
    ],
    async run(api, { values: { user, action, since, until, ...pages } }) {
      const search = {
        action,
        user: user && (await idOf(api, user)),
        // The list shows addresses where one of our own parameters is given.
        created_after: since ?? '1970-01-01T00:00:00Z',
        created_before: until,
      }
      const { rows, total } = await listPages(api, '/admin/audit', search, pages)
      return { rows: rows.map(shown), total }
    },
  }),
]

function shown(entry: Record<string, unknown>): Record<string, unknown> {
  const { action, actor_username, traits, ip_address } = Object(entry.payload)
  return {
    ...entry,
    action,
    actor: actor_username,
    address: entry.ip_address || ip_address || '',
    user: traits?.user_email || traits?.user_phone || traits?.user_id || '',
  }
}
