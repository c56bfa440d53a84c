// Every command, in the order of help.
import { adminCommands } from './admin/commands.ts'
import type { Command } from './command.ts'
import { completionCommand } from './completion.ts'
import type { Group } from './help-text.ts'
import { importCommands } from './import/commands.ts'
import { keyCommands } from './keys/commands.ts'
import { serverCommands } from './server-commands.ts'

/** Commands that begin alike, as help shows them together. */
export const groups: Record<string, Group> = {
  '': { about: 'an authentication server that speaks the API of Supabase Auth' },
  admin: {
    about: 'accounts, sessions, factors, links, tokens and the audit log; no server has to run',
    notes:
      'USER is an id, an e-mail address or a phone number. What is done is in the audit log under the name of the system user.',
  },
  'admin users': { about: 'make, find, change, ban and delete accounts' },
  'admin sessions': { about: 'see where somebody is signed in, and end it' },
  'admin factors': { about: 'see and remove the second factors of somebody' },
  'admin identities': { about: 'see and remove the providers that somebody signs in with' },
  'admin providers': { about: 'add, change and remove providers of OpenID Connect or OAuth 2.0' },
  'admin scim-token': { about: 'make and end the tokens by which companies manage their people (SCIM)' },
  keys: {
    about: 'make and turn over the keys that sign access tokens',
  },
}

const others: Command[] = [...serverCommands, ...adminCommands, ...importCommands, ...keyCommands]

/** The table. */
export const commands: readonly Command[] = [...others, completionCommand(others)]
