// A subcommand of postern admin: what it asks of the API, and how its answer is printed; every row of admin/ is made of it.
import {
  type Command,
  type CommandRow,
  choice,
  command,
  flag,
  type Line,
  type Option,
  type Options,
  type Values,
  whole,
} from '../command.ts'
import type { LocalApi } from '../local-api.ts'
import { databaseOptions } from '../options.ts'
import { UsageError } from '../usage-error.ts'
import type { Format } from './print-result.ts'

/** Options of every subcommand. */
const common = {
  format: choice(['table', 'json', 'csv'], 'how the answer is printed, default table'),
  json: flag('the same as --format json'),
  ...databaseOptions,
}

/** Which rows of a list are shown. */
export const pageOptions = {
  page: whole('N', 'which page, counted from 1', { least: 1, most: 1_000_000 }),
  'per-page': whole('N', 'rows of a page, default 50', { least: 1, most: 10_000 }),
  all: flag('every row instead of a page'),
}

/** A subcommand as it is written. */
export interface AdminRow<O extends Options> extends Omit<CommandRow<O>, 'run'> {
  /** Fields of the rows that a list shows to people and in CSV, a dot leads into an object; without them the answer is one object. */
  columns?: readonly string[]
  /** Whether it only looks; then nothing at all is written, and a database of older days is refused. */
  reads?: boolean
  run(api: LocalApi, line: Line<O>): Promise<unknown>
}

/** Makes a command that opens the API, asks it, and prints what came of it. */
export function adminCommand<O extends Options = Record<never, never>>(row: AdminRow<O>): Command {
  const own: Record<string, Option> = row.options ?? {}
  const options = { ...own, ...common } as O & typeof common
  const shown = row.columns
    ? `Columns: ${row.columns.map((path) => path.split('.').at(-1)).join(', ')}; --json shows everything.`
    : ''
  return command({
    ...row,
    name: `admin ${row.name}`,
    options,
    notes: [row.notes ?? '', shown].filter((text) => text !== '').join('\n\n'),
    async run({ words, values }) {
      const { config, state, ...asked }: Values<typeof common> = values as Values<typeof common>
      const format = formatOf(asked)
      const [{ openLocalApi }, { printResult }] = await Promise.all([
        import('../local-api.ts'),
        import('./print-result.ts'),
      ])
      const api = await openLocalApi({ config, state, reads: row.reads ?? false })
      if (!api) return 1
      try {
        if (api.needs_migration) return 1
        return printResult(await row.run(api, { words, values: ownOf(values, own) }), format, row.columns)
      } finally {
        await api.close()
      }
    },
  })
}

/** The values of the command's own options, without those that all have. */
const ownOf = <O extends Options>(values: Values<O>, own: Options): Values<O> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(own, name))) as Values<O>

function formatOf({ format, json }: { format: Format | undefined; json: boolean }): Format {
  if (json && format !== undefined && format !== 'json') throw new UsageError('--json and --format differ')
  return json ? 'json' : (format ?? 'table')
}
