// postern admin console: opens the console of operators in a browser, without a key in it.
import { pageAddress } from '../../config/pages-address.ts'
import type { Command } from '../command.ts'
import { Refused } from '../refused.ts'
import { adminCommand } from './admin-command.ts'

/** Rows of the table. */
export const consoleCommands: Command[] = [
  adminCommand({
    name: 'console',
    about: 'make a link that opens the console once, within five minutes',
    examples: [['postern admin console', 'prints a link; whoever opens it works in the console under your name']],
    async run(api) {
      if (!api.config.console)
        throw new Refused('there is no console: set POSTERN_PAGES and POSTERN_CONSOLE to true for the server')
      const { link, expires_in } = Object(await api.callHere('POST', '/admin/console_links'))
      return { link: pageAddress(api.config, `/console/enter?link=${link}`), seconds: expires_in }
    },
  }),
]
