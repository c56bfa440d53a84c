// Writes docs/configuration.md from the tables.
import { hookKeys, hookNames, mailKindKeys, mailKinds, notificationKey, notificationNames, providerKeys, providerNames } from './families.ts'
import type { Key } from './key-types.ts'
import { areas } from './keys.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

function table(rows: Iterable<Key<unknown>>): string {
  const lines = Array.from(rows, ({ env, type, fallback, about }) => {
    const names = env.map((name) => `\`${name}\``).join(' or ')
    return `| ${names} | ${cell(type)} | ${fallback === '' ? '' : `\`${cell(fallback)}\``} | ${cell(about)} |`
  })
  return ['| variable | type | default | what it does |', '|---|---|---|---|', ...lines].join('\n')
}

const names = (list: readonly string[]): string => list.map((name) => name.toUpperCase()).join(', ')

/** The whole page. */
export function configurationMarkdown(): string {
  return `${[
    '# Configuration',
    'Generated from `src/config/` by `npm run docs`; a test keeps it in step.',
    'Every setting is an environment variable; `--config FILE` (repeatable) reads `.env` files first, and a variable of the\nprocess wins over one of a file. Names that begin with `GOTRUE_`, and those without a prefix, are those of the Go server;\nnames that begin with `POSTERN_` are ours. `list` has commas between, `map` is `key:value,key:value`, `duration` is a number\nwith a unit as in `300ms` or `1h30m`, `rate` is events an hour or `events/duration`. An empty value counts as none.\nA wrong value stops the start; all problems are reported together, each with the name of its variable.',
    ...Object.entries(areas).map(([area, rows]) => `## ${area}\n\n${table(Object.values(rows))}`),
    `## External providers\n\nFor each PROVIDER of ${names(providerNames)}:\n\n${table(Object.values(providerKeys))}`,
    `## Hooks\n\nFor each NAME of ${names(hookNames)}:\n\n${table(Object.values(hookKeys))}`,
    `## Kinds of mail\n\nFor each KIND of ${names(mailKinds)}:\n\n${table(Object.values(mailKindKeys))}`,
    `For each NAME of ${names(notificationNames)}:\n\n${table([notificationKey])}`,
  ].join('\n\n')}\n`
}
