// Globs of GOTRUE_URI_ALLOW_LIST as automata: braces cost what they are long, never what they multiply to (REV-08).

type Token =
  | { kind: 'one'; accepts: (character: string) => boolean }
  | { kind: 'run'; accepts: (character: string) => boolean }
  | { kind: 'group'; alternatives: Token[][] }

/** A place within a glob: what it reads, where that leads, and what is reached from it without reading. */
interface State {
  accepts: ((character: string) => boolean) | null
  next: number
  also: number[]
}

/** A glob that was read; whether it matches a whole text. */
export type Glob = (text: string) => boolean

const isNoSeparator = (character: string): boolean => character !== '.' && character !== '/'

/** Reads a glob once, in which `.` and `/` separate; matching takes time by the length of the text and the places of the glob that it keeps open. */
export function compileGlob(glob: string): Glob {
  const tokens = parse(glob)
  const states: State[] = [{ accepts: null, next: 0, also: [] }]
  const start = addSequence(states, tokens, 0)
  const prefix = /^[^*?[{\\]*/.exec(glob)?.[0] ?? ''
  // As in the reference, `https://a.example/**/cb` matches `https://a.example/cb` too: both of its ends stand there.
  const suffix = /^[^*?[{\\]+\*\*([^*?[{\\]+)$/.exec(glob)?.[1]
  return (text) => text.startsWith(prefix) && (suffix === undefined ? run(states, start, text) : text.endsWith(suffix))
}

/** Adds the states of tokens in front of a state; gives the first. */
function addSequence(states: State[], tokens: readonly Token[], after: number): number {
  let next = after
  for (const token of tokens.toReversed()) {
    const own = states.length
    if (token.kind === 'one') states.push({ accepts: token.accepts, next, also: [] })
    else if (token.kind === 'run') states.push({ accepts: token.accepts, next: own, also: [next] })
    else {
      const group: State = { accepts: null, next, also: [] }
      states.push(group)
      group.also = token.alternatives.map((alternative) => addSequence(states, alternative, next))
    }
    next = own
  }
  return next
}

/** Runs all ways to match at once; no state is entered twice for one character. */
function run(states: readonly State[], start: number, text: string): boolean {
  const entered = new Int32Array(states.length).fill(-1)
  let open: State[] = []
  const enter = (first: number, turn: number): void => {
    const waiting = [first]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const state = states[at]
      if (!state || entered[at] === turn) continue
      entered[at] = turn
      if (state.accepts) open.push(state)
      waiting.push(...state.also)
    }
  }
  enter(start, 0)
  let turn = 0
  for (const character of text) {
    const reading = open
    open = []
    turn++
    for (const state of reading) if (state.accepts?.(character)) enter(state.next, turn)
    if (open.length === 0 && entered[0] !== turn) return false
  }
  return entered[0] === turn
}

function parse(glob: string): Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i] ?? ''
    const close = character === '{' ? closingBrace(glob, i) : -1
    if (close > 0) {
      tokens.push({ kind: 'group', alternatives: splitAlternatives(glob.slice(i + 1, close)).map(parse) })
      i = close
    } else if (character === '*') {
      const isLong = glob[i + 1] === '*'
      tokens.push({ kind: 'run', accepts: isLong ? () => true : isNoSeparator })
      while (glob[i + 1] === '*') i++
    } else if (character === '?') tokens.push({ kind: 'one', accepts: isNoSeparator })
    else if (character === '[' && glob.indexOf(']', i + 2) > 0) {
      const end = glob.indexOf(']', i + 2)
      tokens.push({ kind: 'one', accepts: characterClass(glob.slice(i + 1, end)) })
      i = end
    } else {
      const literal = character === '\\' ? (glob[++i] ?? '') : character
      tokens.push({ kind: 'one', accepts: (read) => read === literal })
    }
  }
  return tokens
}

function closingBrace(glob: string, open: number): number {
  let depth = 0
  for (let i = open; i < glob.length; i++) {
    const character = glob[i]
    if (character === '\\') i++
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return i
  }
  return -1
}

function splitAlternatives(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character === '\\' ? character + (text[++i] ?? '') : character
  }
  return parts
}

function characterClass(body: string): (character: string) => boolean {
  const negated = body.startsWith('!') || body.startsWith('^')
  const ranges: [string, string][] = []
  const members = negated ? body.slice(1) : body
  for (let i = 0; i < members.length; i++) {
    const from = members[i] ?? ''
    if (members[i + 1] === '-' && i + 2 < members.length) {
      ranges.push([from, members[i + 2] ?? from])
      i += 2
    } else ranges.push([from, from])
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== negated
}
