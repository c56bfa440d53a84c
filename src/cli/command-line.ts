// Reads a command line against the table of commands: everything that was typed is taken by the command, or refused.
import { parseArgs } from 'node:util'
import { nearestName } from '../config/nearest-name.ts'
import type { Command, Option } from './command.ts'
import { UsageError } from './usage-error.ts'

/** What a line asks for: help on a name (which may be the beginning of several), or a command. */
export type Asked =
  | { kind: 'help'; name: string; wanted: boolean }
  | { kind: 'run'; command: Command; words: string[]; texts: Map<string, string[]> }

/** A mistake in the line of a command whose help may be of use. */
export class LineError extends UsageError {
  readonly command: string

  constructor(command: string, message: string) {
    super(message)
    this.command = command
  }
}

/** @throws LineError for what no command takes */
export function readCommandLine(args: readonly string[], commands: readonly Command[]): Asked {
  const { positionals, given, asksHelp, asksVersion } = split(args, commands)
  const [first] = positionals
  if (first === undefined && asksVersion) return readCommandLine(['version'], commands)
  const name = longestName(positionals, commands)
  if (asksHelp || first === undefined) return helpOn(name, positionals, commands, asksHelp)
  if (first === 'help') return readCommandLine([...positionals.slice(1), '--help'], commands)
  const command = commands.find((row) => row.name === name)
  if (!command) {
    if (name === positionals.join(' ')) return { kind: 'help', name, wanted: false }
    throw unknownCommand(name, positionals, commands)
  }
  const words = positionals.slice(name.split(' ').length)
  const texts = checkOptions(command, given, commands)
  checkWords(command, words)
  return { kind: 'run', command, words, texts }
}

interface Given {
  name: string
  raw_name: string
  text: string | undefined
  inline: boolean
}

/** The words and options of a line; whether an option takes a value is the same for all commands that have it. */
function split(args: readonly string[], commands: readonly Command[]) {
  const known = new Map(commands.flatMap((row) => Object.entries<Option>(row.options)))
  const options = Object.fromEntries(
    Array.from(known, ([name, { value, short }]) => [
      name,
      { type: value === null ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given: Given[] = []
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind === 'option')
      given.push({ name: token.name, raw_name: token.rawName, text: token.value, inline: token.inlineValue === true })
  }
  const asks = (name: string) => given.some((option) => option.name === name)
  return {
    positionals,
    given: given.filter(({ name }) => name !== 'help'),
    asksHelp: asks('help'),
    asksVersion: asks('version'),
  }
}

/** The longest beginning of the words that names a command, or commands. */
function longestName(positionals: readonly string[], commands: readonly Command[]): string {
  let name = ''
  for (const [at] of positionals.entries()) {
    const longer = positionals.slice(0, at + 1).join(' ')
    if (!commands.some((row) => row.name === longer || row.name.startsWith(`${longer} `))) break
    name = longer
  }
  return name
}

function helpOn(name: string, positionals: string[], commands: readonly Command[], wanted: boolean): Asked {
  const isGroup = !commands.some((row) => row.name === name)
  if (isGroup && name !== positionals.join(' ') && positionals[0] !== 'help')
    throw unknownCommand(name, positionals, commands)
  return { kind: 'help', name: positionals[0] === 'help' ? longestName(positionals.slice(1), commands) : name, wanted }
}

function unknownCommand(group: string, positionals: string[], commands: readonly Command[]): LineError {
  const depth = group === '' ? 0 : group.split(' ').length
  const begin = group === '' ? '' : `${group} `
  const siblings = commands.flatMap((row) => (row.name.startsWith(begin) ? (row.name.split(' ')[depth] ?? []) : []))
  const near = nearestName(positionals[depth] ?? '', [...new Set(siblings)])
  const hint = near === null ? '' : `; did you mean postern ${begin}${near}?`
  return new LineError(group, `there is no command ${positionals.slice(0, depth + 1).join(' ')}${hint}`)
}

/** A command with its words, as in `postern admin users get USER`. */
export function usageOf({ name, words }: Command): string {
  const shown = words.map((word) => {
    const text = `${word.name}${word.many ? '…' : ''}`
    return word.optional ? `[${text}]` : text
  })
  return ['postern', name, ...shown].join(' ')
}

function checkWords(command: Command, given: readonly string[]): void {
  const least = command.words.filter(({ optional }) => !optional).length
  const most = command.words.some(({ many }) => many) ? Number.POSITIVE_INFINITY : command.words.length
  const fail = (problem: string) => new LineError(command.name, `${problem}; usage: ${usageOf(command)}`)
  if (given.length < least) throw fail(`${command.words[given.length]?.name} is missing`)
  if (given.length > most) throw fail(`"${given[most]}" is one word too many`)
  for (const [at, text] of given.entries()) {
    const word = command.words[Math.min(at, command.words.length - 1)]
    if (text === '') throw fail(`${word?.name} is empty`)
    if (word?.choices && !word.choices.includes(text))
      throw new LineError(command.name, `${word.name} must be one of ${word.choices.join(', ')}, not "${text}"`)
  }
}

function checkOptions(command: Command, given: readonly Given[], commands: readonly Command[]): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  const fail = (problem: string) => new LineError(command.name, problem)
  for (const { name, raw_name, text, inline } of given) {
    const option = Object.hasOwn(command.options, name) ? command.options[name] : undefined
    if (!option) throw fail(notTaken(command, name, raw_name, commands))
    if (option.value === null && inline) throw fail(`${raw_name} takes no value`)
    if (option.value !== null && (text === undefined || (!inline && /^--./.test(text))))
      throw fail(`${raw_name} needs a value: ${raw_name} ${option.value}`)
    const before = texts.get(name) ?? []
    if (before.length > 0 && !option.many) throw fail(`${raw_name} is given twice`)
    texts.set(name, [...before, text ?? ''])
  }
  return texts
}

function notTaken(command: Command, name: string, raw_name: string, commands: readonly Command[]): string {
  const own = Object.keys(command.options)
  const others = commands.filter((row) => Object.hasOwn(row.options, name)).map((row) => `postern ${row.name}`)
  if (others.length > 0)
    return `${raw_name} is no option of postern ${command.name}; it belongs to ${others.slice(0, 3).join(', ')}${others.length > 3 ? ' and others' : ''}`
  const near = nearestName(name, own)
  return `there is no option ${raw_name}${near === null ? '' : `; did you mean --${near}?`}`
}
