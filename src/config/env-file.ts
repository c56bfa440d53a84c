// Reads `.env` files as the reference does: NAME=value, quotes, comments, and $NAME for what stands above.

/** Blank lines, comments, and the line that begins a YAML document. */
const skipped = /(?:\s+|#[^\n]*|---(?=\n))*/y
const assignment = /(?:export[^\S\n]+)?([\p{L}\p{N}_.]+)[^\S\n]*[=:]([^\S\n]*)/uy
const doubleQuoted = /"((?:[^"\\]|\\[\s\S])*)"/y
const singleQuoted = /'((?:[^'\\]|\\[\s\S])*)'/y
const bare = /[^\n]*/y

/**
 * The variables of a file; of a name that stands twice, the last value. Quoted values may span lines.
 * @throws Error with the number of the line that is no assignment, or whose quote is never closed; never with its text
 */
export function readEnvFile(text: string): Record<string, string> {
  const source = text.replaceAll('\r\n', '\n')
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
    const [, double] = take(doubleQuoted) ?? []
    const [, single] = double === undefined ? (take(singleQuoted) ?? []) : []
    if (double !== undefined) variables.set(name, expand(unescaped(double), variables))
    else if (single !== undefined) variables.set(name, single)
    else if (/["']/.test(source.charAt(at))) throw fail('the quote is never closed')
    else variables.set(name, expand(withoutComment(space + (take(bare)?.[0] ?? '')), variables))
  }
  return Object.fromEntries(variables)
}

/** A `#` begins a comment where a space precedes it; as in the reference, the last such one does. */
const withoutComment = (value: string): string => value.replace(/^(.*)\s#.*$/s, '$1').trim()

/** `\n` and `\r` are line ends; any other character after a backslash stands for itself. A `\$` waits for `expand`. */
const unescaped = (value: string): string =>
  value.replace(/\\([^$])/g, (_, after: string) => ({ n: '\n', r: '\r' })[after] ?? after)

/** Puts values of names above in place of `$NAME` and `${NAME}`, nothing for an unknown name; `\$` is a dollar. */
const expand = (value: string, variables: ReadonlyMap<string, string>): string =>
  value.replace(
    /(\\)?\$(?:\{([A-Z0-9_]+)\}|([A-Z0-9_]+))?/g,
    (all, escaped?: string, braced?: string, plain?: string) => {
      if (escaped) return all.slice(1)
      const name = braced ?? plain
      return name === undefined ? all : (variables.get(name) ?? '')
    },
  )
