// The help of a command, or of all commands whose names begin alike, from their rows.
import type { Command, Option } from './command.ts'
import { usageOf } from './command-line.ts'

/** Commands that begin alike, as one line of the help above them. */
export interface Group {
  about: string
  /** Paragraphs that follow the list of its commands. */
  notes?: string
}

/** The text for a name: a command's own help, or the list of those that begin so. */
export function helpText(name: string, commands: readonly Command[], groups: Record<string, Group>): string {
  const found = commands.find((row) => row.name === name)
  return found ? commandHelp(found) : groupHelp(name, commands, groups)
}

function commandHelp(command: Command): string {
  const parts = [`${usageOf(command)} — ${command.about}`]
  const words = command.words.map(({ name, about, choices }): [string, string] => [
    name,
    choices ? `${about}: ${choices.join(', ')}` : about,
  ])
  if (words.length > 0) parts.push(columns(words))
  const options = Object.entries<Option>(command.options).map(([name, option]): [string, string] => [
    `${option.short ? `-${option.short}, ` : ''}--${name}${option.value === null ? '' : ` ${option.value}`}`,
    option.choices ? `${option.about}: ${option.choices.join(', ')}` : option.about,
  ])
  parts.push(`Options\n${columns([...options, ['--help', 'this text']])}`)
  if (command.notes !== '') parts.push(command.notes.trim())
  if (command.examples.length > 0) parts.push(`Examples\n${examples(command.examples)}`)
  return `${parts.join('\n\n')}\n`
}

const examples = (rows: Command['examples']): string =>
  rows.map(([line, about]) => `  ${line}\n      ${about}`).join('\n')

function groupHelp(name: string, commands: readonly Command[], groups: Record<string, Group>): string {
  const begin = name === '' ? '' : `${name} `
  const depth = begin.split(' ').length - 1
  const inside = commands.filter((row) => row.name.startsWith(begin))
  const rows = new Map<string, string>()
  for (const row of inside) {
    const short = row.name
      .split(' ')
      .slice(0, depth + 1)
      .join(' ')
    const group = groups[short]
    if (name === '' && group) rows.set(`postern ${short}`, `${group.about}; see postern ${short} --help`)
    else rows.set(usageOf(row), row.about)
  }
  const group = groups[name]
  return [
    `postern${name === '' ? '' : ` ${name}`}${group ? ` — ${group.about}` : ''}`,
    columns([...rows]),
    ...(group?.notes ? [group.notes.trim()] : []),
    `${name === '' ? 'Each command' : 'Each'} explains itself, with its options and examples: postern ${begin}… --help\n`,
  ].join('\n\n')
}

const widest = 44

/** Two columns; a long name has a line of its own. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => (name.length > widest ? 0 : name.length)), 10)
  return rows
    .map(([name, about]) =>
      name.length > width ? `  ${name}\n  ${' '.repeat(width)}  ${about}` : `  ${name.padEnd(width)}  ${about}`,
    )
    .join('\n')
}
