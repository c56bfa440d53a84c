#!/usr/bin/env node
// The command `postern`: chooses the subcommand, and prints one clear line for what goes wrong.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { UsageError } from './usage-error.ts'

// libuv reads this once, before its first use: hashing must not starve files and name look-ups of threads.
// Answers live briefly: a small young generation takes half the memory and no more time.
setFlagsFromString('--semi-space-growth-factor=1 --heap-growing-percent=20')
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)

const help = `postern — an authentication server that speaks the API of Supabase Auth

  postern dev        start with a database and a mailbox of its own; no configuration needed
  postern serve      start with the configuration of the environment
  postern migrate    bring the database up to date and end
  postern doctor     check configuration, database, roles, schema and mail, and say what to do
  postern admin      accounts, sessions, links, tokens and the audit log; see postern admin --help
  postern import     accounts from a file, of other systems too; see postern import --help
  postern export     every account as a line of JSON
  postern keys       make and turn over the keys that sign tokens; see postern keys --help
  postern version    print the version

Options
  --config FILE      read variables from a .env file first; may be given several times
  --port N           port to listen on
  --state DIR        (dev) where database and secrets are kept; default .postern
  --help             this text

Variables: docs/configuration.md, or https://supabase.com/docs/guides/self-hosting/auth/config
`

const commands = {
  dev: () => import('./dev.ts').then(({ dev }) => dev),
  serve: () => import('./serve.ts').then(({ serve }) => serve),
  migrate: () => import('./migrate.ts').then(({ migrate }) => migrate),
  doctor: () => import('./doctor.ts').then(({ doctor }) => doctor),
  version: () => import('./print-version.ts').then(({ printVersion }) => printVersion),
}

/** Commands with words and options of their own. */
const families = {
  import: () => import('./import/import-users.ts').then(({ importUsers }) => importUsers),
  export: () => import('./import/export-users.ts').then(({ exportUsers }) => exportUsers),
  admin: () => import('./admin.ts').then(({ admin }) => admin),
  keys: () => import('./keys.ts').then(({ keys }) => keys),
}

async function main(): Promise<number> {
  const [family = '', ...args] = process.argv.slice(2)
  if (Object.hasOwn(families, family)) return (await families[family as keyof typeof families]())(args)
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string', multiple: true, default: [] },
      port: { type: 'string' },
      state: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  })
  const [name = values.version ? 'version' : '', ...rest] = positionals
  if (values.help || name === 'help') {
    console.log(help)
    return 0
  }
  if (!Object.hasOwn(commands, name) || rest.length > 0) {
    console.error(name === '' ? help : `postern: unknown command ${positionals.join(' ')}; see postern --help`)
    return 2
  }
  const command = await commands[name as keyof typeof commands]()
  return command({ config: values.config, port: values.port, state: values.state })
}

/** The message of an error and of what caused it. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message} (${explain(error.cause)})`
}

/** Old Node versions cannot run the code at all; they get one line instead of a stack. */
function isOldNode(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major < 22 || (major === 22 && minor < 18)
}

if (isOldNode()) {
  console.error(`postern needs Node 22.18 or newer; this is ${process.version}`)
  process.exitCode = 1
} else
  main().then(
    (code) => {
      process.exitCode = code
    },
    (error: unknown) => {
      const isUsage =
        error instanceof UsageError || String(Reflect.get(Object(error), 'code')).startsWith('ERR_PARSE_ARGS')
      console.error(`postern: ${explain(error)}${isUsage ? '; see --help' : ''}`)
      process.exitCode = isUsage ? 2 : 1
    },
  )
