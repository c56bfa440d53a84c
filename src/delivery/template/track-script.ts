// Follows scripts: strings, templates, regular expressions and comments.
import { failExecution } from './error.ts'
import type { Language, Tracker } from './place.ts'

type State = 'code' | 'string' | 'template' | 'pattern' | 'block-comment' | 'line-comment'

const marks = /["'`{}/]|<!--|-->|#!/g
const lineEnd = /[\n\r\u2028\u2029]/g
/** What ends a literal, or changes how its end is found. */
const innerMarks = { string: /[\\"']/g, template: /\\|`|\$\{/g, pattern: /[\\[\]/]/g }
const languages: Record<State, Language> = {
  code: 'script',
  string: 'script-string',
  template: 'script-template',
  pattern: 'script-pattern',
  'block-comment': 'nothing',
  'line-comment': 'nothing',
}

/** Starts where a statement or expression can start. */
export function trackScript(): Tracker {
  let state: State = 'code'
  let quote = ''
  /** Whether the place in a regular expression is between square brackets. */
  let isClass = false
  /** The end of the code so far, which says whether a slash divides. */
  let tail = ''
  /** Braces that are open in the expressions of templates, the innermost template last. */
  const templates: number[] = []

  const addCode = (code: string) => {
    tail = (tail + code).slice(-maxTail)
  }
  const enter = (next: State, mark = '') => {
    state = next
    quote = mark
    isClass = false
  }

  function readCode(text: string, from: number): [string, number] {
    marks.lastIndex = from
    const match = marks.exec(text)
    const [mark] = match ?? []
    const start = match?.index ?? text.length
    addCode(text.slice(from, start))
    if (mark === undefined) return [text.slice(from), text.length]
    const two = text.slice(start, start + 2)
    if (two === '//' || two === '/*') enter(two === '//' ? 'line-comment' : 'block-comment')
    else if (mark === '<!--' || mark === '-->' || mark === '#!') enter('line-comment')
    else return [text.slice(from, start + 1), readMark(mark, start + 1)]
    return [text.slice(from, start), start + Math.max(mark.length, 2)]
  }

  /** A mark of one character, which stays in the script. */
  function readMark(mark: string, end: number): number {
    if (mark === '"' || mark === "'") enter('string', mark)
    else if (mark === '`') enter('template', mark)
    else if (mark === '/' && canStartPattern(tail)) enter('pattern', mark)
    else if (mark === '}' && templates.at(-1) === 0) {
      templates.pop()
      enter('template', '`')
    } else {
      const open = templates.length - 1
      if (open >= 0 && mark !== '/') templates[open] = (templates[open] ?? 0) + (mark === '{' ? 1 : -1)
      addCode(mark)
    }
    return end
  }

  function readInner(text: string, from: number, kind: keyof typeof innerMarks): [string, number] {
    const ends = innerMarks[kind]
    for (let end = from; ; ) {
      ends.lastIndex = end
      const [mark] = ends.exec(text) ?? []
      end = mark === undefined ? text.length : ends.lastIndex
      if (mark === '\\' && ++end > text.length) failExecution('an escape in a script breaks off')
      if (mark === undefined && isClass) failExecution('square brackets in a regular expression are not closed')
      if (mark === '[' || mark === ']') isClass = mark === '['
      const isEnd = mark === '${' || (mark === quote && !isClass)
      if (!isEnd && mark !== undefined) continue
      if (isEnd) leave(mark)
      // Browsers look for these even in literals, to tell where the element ends.
      return [text.slice(from, end).replace(/<(?=!--|\/?script)/gi, '\\x3C'), end]
    }
  }

  /** After a literal a slash divides; after `${` an expression starts. */
  function leave(mark: string): void {
    if (mark === '${') templates.push(0)
    enter('code')
    tail = mark === '${' ? '' : ')'
  }

  /** Comments become white space; a line break in one still ends a statement. */
  function readComment(text: string, from: number): [string, number] {
    lineEnd.lastIndex = from
    const line = lineEnd.exec(text)?.index ?? text.length
    if (state === 'line-comment') {
      if (line < text.length) state = 'code'
      return ['', line]
    }
    const close = text.indexOf('*/', from)
    const end = close < 0 ? text.length : close + 2
    if (close >= 0) state = 'code'
    return [line < end ? '\n' : ' ', end]
  }

  return {
    literal(text) {
      let written = ''
      for (let at = 0; at < text.length; ) {
        const [piece, end] =
          state === 'code'
            ? readCode(text, at)
            : state === 'block-comment' || state === 'line-comment'
              ? readComment(text, at)
              : readInner(text, at, state)
        written += piece
        at = end
      }
      return written
    },
    language: () => languages[state],
    wrote() {
      if (state === 'code') tail = ')'
    },
    canEnd: () => state === 'code',
  }
}

/** Longer than any keyword. */
const maxTail = 16
const beforePattern =
  /(?:^|[^\w$])(?:break|case|continue|delete|do|else|finally|in|instanceof|return|throw|try|typeof|void)$/

/** Whether a slash after this code starts a regular expression rather than dividing. */
function canStartPattern(code: string): boolean {
  const end = code.trimEnd()
  if (end === '' || beforePattern.test(end)) return true
  // `a++ /b` divides, `a + /b/` does not; so does `1. /b`.
  const signs = /(\++|-+)$/.exec(end)?.[0]
  if (signs !== undefined) return signs.length % 2 === 1
  if (end.endsWith('.')) return !/\d\.$/.test(end)
  return /[,<>=*%&|^?!~([:;{}/]$/.test(end)
}
