// postern admin sessions: where people are signed in.
import type { Command } from '../command.ts'
import { adminCommand } from './admin-command.ts'
import { eachUser, idOf, userWord } from './several-users.ts'

/** Rows of the table. */
export const sessionCommands: Command[] = [
  adminCommand({
    name: 'sessions list',
    reads: true,
    about: 'list where somebody is signed in',
    words: [userWord],
    columns: ['id', 'created_at', 'refreshed_at', 'ip', 'user_agent', 'aal'],
    examples: [['postern admin sessions list ada@example.com', 'shows each session with its address and browser']],
    async run(api, { words: [name] }) {
      const { sessions } = Object(await api.call('GET', `/admin/users/${await idOf(api, name)}/sessions`))
      return { rows: sessions, total: sessions.length }
    },
  }),
  adminCommand({
    name: 'sessions end',
    about: 'end some sessions of somebody, or all',
    words: [userWord, { name: 'SESSION', about: 'the id of a session; all without one', optional: true, many: true }],
    examples: [['postern admin sessions end ada@example.com', 'signs somebody out everywhere']],
    async run(api, { words: [name = '', ...sessions] }) {
      const end = (id: string) => `/admin/users/${id}/sessions`
      if (sessions.length === 0)
        return eachUser(api, [name], async (id) => {
          await api.call('DELETE', end(id))
          return { ended: 'all' }
        })
      const id = await idOf(api, name)
      for (const session of sessions) await api.call('DELETE', `${end(id)}/${encodeURIComponent(session)}`)
      return { ended: sessions.join(', ') }
    },
  }),
]
