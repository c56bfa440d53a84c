// The subcommands of postern admin, in the order of help.
import type { Command } from '../command.ts'
import { auditCommands } from './audit-commands.ts'
import { consoleCommands } from './console-commands.ts'
import { linkCommands } from './link-commands.ts'
import { providerCommands } from './provider-commands.ts'
import { scimCommands } from './scim-commands.ts'
import { sessionCommands } from './session-commands.ts'
import { signInCommands } from './sign-in-commands.ts'
import { userCommands } from './user-commands.ts'

/** Their rows. */
export const adminCommands: Command[] = [
  ...userCommands,
  ...sessionCommands,
  ...signInCommands,
  ...providerCommands,
  ...scimCommands,
  ...linkCommands,
  ...auditCommands,
  ...consoleCommands,
]
