// postern admin: accounts, sessions, links, tokens and the audit log, on the database directly, through the same flows.
import { parseArgs } from 'node:util'
import { type AdminCommand, adminCommands, adminOptions } from './admin-commands.ts'
import { openLocalApi } from './local-api.ts'
import { printTable } from './print-table.ts'
import { UsageError } from './usage-error.ts'

const lines = Object.entries(adminCommands).map(([name, { usage, about }]) => `  ${name} ${usage}\n      ${about}`)

const help = `postern admin — accounts from the shell; no server has to run

${lines.join('\n')}

Everywhere
  --config FILE   read variables from a .env file first; may be given several times
  --state DIR     folder of postern dev, whose database is used where no other is configured; default .postern
  --json          print JSON only
`

/** Runs a subcommand. */
export async function admin(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...adminOptions,
      config: { type: 'string', multiple: true, default: [] },
      state: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help || positionals.length === 0) {
    console.log(help)
    return values.help ? 0 : 2
  }
  const { command, words } = find(positionals)
  const api = await openLocalApi({ config: values.config, state: values.state })
  if (!api) return 1
  try {
    show(command, await command.run(api, words, values), values.json)
    return 0
  } finally {
    await api.close()
  }
}

function find(positionals: string[]): { command: AdminCommand; words: string[] } {
  for (const count of [2, 1]) {
    const name = positionals.slice(0, count).join(' ')
    if (!Object.hasOwn(adminCommands, name)) continue
    const words = positionals.slice(count)
    const command = adminCommands[name] as AdminCommand
    const [least, most] = command.words
    if (words.length < least || words.length > most)
      throw new UsageError(`usage: postern admin ${name} ${command.usage}`)
    return { command, words }
  }
  throw new UsageError(`there is no admin ${positionals.join(' ')}`)
}

function show({ columns }: AdminCommand, result: unknown, json: boolean): void {
  if (json) console.log(JSON.stringify(result))
  else if (columns && Array.isArray(result))
    printTable(result.map((row) => Object.fromEntries(columns.map((name) => [name, row[name]]))))
  else
    for (const [name, value] of Object.entries(Object(result)))
      console.log(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
}
