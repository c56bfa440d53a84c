// Writes docs/configuration.md from the tables.
import {
  hookKeys,
  hookNames,
  mailKinds,
  notificationKey,
  notificationNames,
  ownNotifications,
  providerKeys,
  providerNames,
  subjectKey,
  templateKey,
  urlpathKey,
} from './families.ts'
import type { Key } from './key-types.ts'
import { areas } from './keys.ts'

const introduction = `Every setting is an environment variable. \`--config FILE\` (repeatable) reads \`.env\` files first; a variable of the
process wins over one of a file, and of two files the one that is named first wins. Names that begin with \`GOTRUE_\`, and
those without a prefix, are those of Supabase Auth (GoTrue), so that its \`.env\` works as it is; names that begin with
\`POSTERN_\` are ours. Where several names stand, the first that has a value counts.

- \`text\` is used as given, also when it is empty; for every other type an empty value counts as none. Blanks around an
  \`address\` are dropped.
- \`list\` has commas between, \`map\` is \`key:value,key:value\`.
- \`duration\` is a number with a unit (ns, us, ms, s, m, h), as in \`300ms\`, \`10s\` or \`1h30m\`.
- \`rate\` is events an hour as a number, or \`events/duration\`: \`30/1h\` lets 30 through at once, then one more each hour.

A wrong value stops the start: all problems are reported together, each with the name of its variable. A variable that
begins with \`GOTRUE_\` or \`POSTERN_\` and is not listed here gives a warning, which for a name of an older version says
what took its place.`

/** The whole page. */
export function configurationMarkdown(): string {
  const parts = [
    '# Configuration',
    'Generated from `src/config/` by `npm run docs`; a test keeps it in step.',
    introduction,
    ...Object.entries(areas).map(([area, rows]) => `## ${area}\n\n${table(Object.values(rows))}`),
    section('External providers', 'PROVIDER', providerNames, Object.values(providerKeys('PROVIDER'))),
    section('Hooks', 'NAME', hookNames, Object.values(hookKeys('NAME'))),
    section('Kinds of mail', 'KIND', mailKinds, [
      subjectKey('KIND'),
      templateKey('KIND'),
      urlpathKey('KIND', '/verify'),
    ]),
    'Kinds whose mails hold no link, and MAGIC_LINK, have no path.',
    section('Notifications', 'NAME', notificationNames, [notificationKey('NAME')]),
    `Variables of ${ownNotifications.map((name) => name.toUpperCase()).join(' and ')}, and of their mails, begin with \`POSTERN_\`.`,
  ]
  return `${parts.join('\n\n')}\n`
}

function section(title: string, word: string, names: readonly string[], rows: readonly Key<unknown>[]): string {
  const members = names.map((name) => name.toUpperCase()).join(', ')
  return `## ${title}\n\nFor each ${word} of ${members}:\n\n${table(rows)}`
}

const head = ['variable', 'type', 'default', 'what it does']

function table(rows: readonly Key<unknown>[]): string {
  const cells = rows.map(({ env, type, fallback, about, pending }) => [
    env.map(code).join(' or '),
    cell(type),
    fallback === '' ? '' : code(fallback),
    cell(about) + (pending ? ' _Not there yet._' : ''),
  ])
  // Columns are padded as the formatter wants them.
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[], fill: string) =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width, fill)).join(' | ')} |`
  return [line(head, ' '), line([], '-'), ...cells.map((row) => line(row, ' '))].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
const code = (text: string): string => `\`${cell(text)}\``
