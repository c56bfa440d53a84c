// Reads `.env` files as the reference does: NAME=value, quotes, comments, and $NAME for what stands above.

/** Blank lines, comments, and the line that begins a YAML document. */
const skipped = /(?:\s+|#[^\n]*|---(?=\n))*/y
const assignment = /(?:export[^\S\n]+)?([\p{L}\p{N}_.]+)[^\S\n]*[=:]([^\S\n]*)/uy
const doubleQuoted = /"((?:[^"\\]|\\[\s\S])*)"/y
const singleQuoted = /'((?:[^'\\]|\\[\s\S])*)'/y
const bare = /[^\r\n]*/y

/** A value where it stands in a file, whose line ends are `\n`; quotes are part of it, spaces and comments around it are not. */
interface Assignment {
  name: string
  from: number
  to: number
  value: string
}

/**
 * The variables of a file; of a name that stands twice, the last value. Quoted values may span lines.
 * @throws Error with the number of the line that is no assignment, or whose quote is never closed; never with its text
 */
export function readEnvFile(text: string): Record<string, string> {
  return Object.fromEntries(readAssignments(text.replaceAll('\r\n', '\n')).map(({ name, value }) => [name, value]))
}

/**
 * The text of a file with another value of a variable, wherever it stands, or with a line more; nothing else differs.
 * @throws Error as `readEnvFile` does
 */
export function setInEnvFile(text: string, name: string, value: string): string {
  const source = text.replaceAll('\r\n', '\n')
  const found = readAssignments(source).filter((assignment) => assignment.name === name)
  if (found.length === 0) {
    const end = text.includes('\r\n') ? '\r\n' : '\n'
    return `${text}${text === '' || text.endsWith('\n') ? '' : end}${name}=${quote(value)}${end}`
  }
  const at = (place: number) => place + (text.length - source.length === 0 ? 0 : returnsBefore(text, place))
  return found.reduceRight((after, { from, to }) => after.slice(0, at(from)) + quote(value) + after.slice(at(to)), text)
}

/** How many carriage returns stand in a text before what is at a place without them. */
function returnsBefore(text: string, place: number): number {
  let count = 0
  for (let i = 0; i - count < place; i++) if (text.startsWith('\r\n', i)) count++
  return count
}

/** A value as the reader takes it for itself. */
const quote = (value: string): string => (/['\\]/.test(value) ? `"${value.replace(/["\\$]/g, '\\$&')}"` : `'${value}'`)

function readAssignments(source: string): Assignment[] {
  const assignments: Assignment[] = []
  const variables = new Map<string, string>()
  let at = 0
  const take = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at
    const found = form.exec(source)
    if (found) at += found[0].length
    return found
  }
  const fail = (problem: string): Error => new Error(`line ${source.slice(0, at).split('\n').length}: ${problem}`)
  for (take(skipped); at < source.length; take(skipped)) {
    const [, name, space = ''] = take(assignment) ?? []
    if (name === undefined) throw fail('expected NAME=value')
    const keep = (value: string, from: number, to: number) => {
      variables.set(name, value)
      assignments.push({ name, value, from, to })
    }
    const start = at
    const [, double] = take(doubleQuoted) ?? []
    const [, single] = double === undefined ? (take(singleQuoted) ?? []) : []
    if (double !== undefined) keep(expand(unescaped(double), variables), start, at)
    else if (single !== undefined) keep(single, start, at)
    else if (/["']/.test(source.charAt(at))) throw fail('the quote is never closed')
    else {
      const rest = take(bare)?.[0] ?? ''
      const written = withoutComment(rest)
      const from = written === '' ? start - space.length : start + rest.indexOf(written)
      keep(expand(written, variables), from, from + written.length)
    }
  }
  return assignments
}

/** A `#` within a value begins a comment where a space precedes it; as in the reference, the last such one does. */
const withoutComment = (value: string): string => value.replace(/^(.*)\s#.*$/s, '$1').trim()

/** `\n` and `\r` are line ends; any other character after a backslash stands for itself. A `\$` waits for `expand`. */
const unescaped = (value: string): string =>
  value.replace(/\\([^$])/g, (_, after: string) => ({ n: '\n', r: '\r' })[after] ?? after)

/** Puts values of names above in place of `$NAME` and `${NAME}`; any other dollar stays, as in a password, and so does that of `\$`. */
const expand = (value: string, variables: ReadonlyMap<string, string>): string =>
  value.replace(
    /(\\)?\$(?:\{([A-Z0-9_]+)\}|([A-Z0-9_]+))?/g,
    (all, escaped?: string, braced?: string, plain?: string) => {
      if (escaped) return all.slice(1)
      return variables.get(braced ?? plain ?? '') ?? all
    },
  )
