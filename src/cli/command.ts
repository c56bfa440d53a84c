// A command is data: to add one, write a row with `command({ … })` and list it in commands.ts; the engine (command-line.ts)
// checks what was typed against the row, and --help, completion and the documentation's tests are made from it.
import { jsonObjectOrNull } from '../json-values.ts'
import { UsageError } from './usage-error.ts'

/** An option: what help says of it, and how its texts become a value. */
export interface Option<T = unknown> {
  about: string
  /** What stands for the value in help; null for a switch. */
  value: string | null
  /** The value when it is not given. */
  fallback: T
  /** Values that completion offers; without them and with a value, files where `files` is set. */
  choices?: readonly string[]
  files?: boolean
  /** May be given several times. */
  many?: boolean
  /** A letter that stands for it, as in `-d`. */
  short?: string
  /** @throws UsageError with what is wrong, without the option's name */
  read(texts: readonly string[]): T
}

/** Options by their names, without the dashes. */
export type Options = Record<string, Option>

/** What a command gets of its options. */
export type Values<O> = { [Name in keyof O]: O[Name] extends Option<infer T> ? T : never }

/** A word that a command takes. */
export interface Word {
  name: string
  about: string
  optional?: boolean
  /** One or more; only the last word may be. */
  many?: boolean
  choices?: readonly string[]
  files?: boolean
}

/** What a command is told of its line. */
export interface Line<O> {
  words: string[]
  values: Values<O>
}

/** A command as it is written. */
export interface CommandRow<O extends Options> {
  /** Its words, as in `admin users list`. */
  name: string
  /** One line. */
  about: string
  words?: readonly Word[]
  options?: O
  /** Paragraphs that follow the options in its help. */
  notes?: string
  /** Whole command lines, each with what it does. */
  examples: readonly (readonly [line: string, about: string])[]
  /** Resolves to the exit code. */
  run(line: Line<O>): Promise<number>
}

/** A command as the engine sees it. */
export interface Command extends Omit<Required<CommandRow<Options>>, 'run'> {
  /** @throws UsageError for a value that an option does not take */
  run(words: string[], texts: ReadonlyMap<string, readonly string[]>): Promise<number>
}

/** Makes a command of its row. */
export function command<O extends Options = Record<never, never>>(row: CommandRow<O>): Command {
  const options = row.options ?? ({} as O)
  return {
    words: [],
    notes: '',
    ...row,
    options,
    run: (words, texts) => row.run({ words, values: readValues(options, texts) }),
  }
}

function readValues<O extends Options>(options: O, texts: ReadonlyMap<string, readonly string[]>): Values<O> {
  const values = Object.entries(options).map(([name, option]) => {
    const given = texts.get(name)
    if (!given) return [name, option.fallback]
    try {
      return [name, option.read(given)]
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(`--${name} ${error.message}`) : error
    }
  })
  return Object.fromEntries(values)
}

/** A switch. */
export const flag = (about: string): Option<boolean> => ({ about, value: null, fallback: false, read: () => true })

/** Any text that is not empty. */
export const text = <F extends string | undefined = undefined>(
  value: string,
  about: string,
  fallback?: F,
): Option<string | F> => ({ about, value, fallback: fallback as F, read: ([given]) => filled(given) })

/** Texts, as the option may be given several times. */
export const texts = (value: string, about: string): Option<string[]> => ({
  about,
  value,
  fallback: [],
  many: true,
  read: (given) => given.map((one) => filled(one)),
})

/** A path of a file or folder. */
export const path = (value: string, about: string): Option<string | undefined> => ({
  ...text(value, about),
  files: true,
})

/** Paths, as the option may be given several times. */
export const paths = (value: string, about: string): Option<string[]> => ({ ...texts(value, about), files: true })

/** A whole number from `least` to `most`. */
export const whole = (
  value: string,
  about: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {},
): Option<number | undefined> => ({
  about,
  value,
  fallback: undefined,
  read([given = '']) {
    const number = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN
    if (number >= least && number <= most) return number
    const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`
    throw new UsageError(`must be a whole number${range}, not ${quoted(given)}`)
  },
})

/** One of several words. */
export const choice = <const T extends string, F extends T | undefined = undefined>(
  choices: readonly T[],
  about: string,
  fallback?: F,
): Option<T | F> => ({
  about,
  value: 'NAME',
  choices,
  fallback: fallback as F,
  read([given = '']) {
    const found = choices.find((known) => known === given)
    if (found === undefined) throw new UsageError(`must be one of ${choices.join(', ')}, not ${quoted(given)}`)
    return found
  },
})

/** A JSON object. */
export const object = (about: string): Option<Record<string, unknown> | undefined> => ({
  about,
  value: 'JSON',
  fallback: undefined,
  read([given = '']) {
    const found = jsonObjectOrNull(given)
    if (!found) throw new UsageError('must be a JSON object')
    return found
  },
})

function filled(given = ''): string {
  if (given === '') throw new UsageError('needs a value that is not empty')
  return given
}

/** A text as it can be shown in one line. */
export const quoted = (given: string): string =>
  `"${(given.length > 64 ? `${given.slice(0, 64)}…` : given).replace(/\p{Cc}/gu, '?')}"`
