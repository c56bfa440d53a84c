// Cuts a template into text and actions, and actions into tokens.
import { TemplateError } from './error.ts'

/** A piece of a template. */
export type Piece = { kind: 'text'; text: string } | { kind: 'action'; tokens: Token[]; line: number }

/** A token of an action; `spaced` says whether white space stands before it. */
export interface Token {
  kind: 'word' | 'field' | 'variable' | 'literal' | 'mark'
  text: string
  value?: string | number
  /** Whether a number was written without a fraction or exponent. */
  isInt?: boolean
  spaced: boolean
}

const action =
  /\{\{(-(?=\s))?\s*(\/\*[\s\S]*?\*\/|(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|(?!\}\})[^"`'])*?)\s*((?<=\s)-)?\}\}/y

/**
 * Pieces in order; `{{-` and `-}}` trim the white space beside them, comments vanish.
 * @throws TemplateError parse
 */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  let trim = false
  const pushText = (text: string, trimEnd: boolean) => {
    let kept = trim ? text.trimStart() : text
    if (trimEnd) kept = kept.trimEnd()
    if (kept !== '') pieces.push({ kind: 'text', text: kept })
  }
  for (;;) {
    const open = source.indexOf('{{', at)
    if (open < 0) break
    action.lastIndex = open
    const match = action.exec(source)
    const line = source.slice(0, open).split('\n').length
    if (!match) throw new TemplateError('parse', 'an action is not closed', line)
    const [whole, before, body = '', after] = match
    pushText(source.slice(at, open), before !== undefined)
    trim = after !== undefined
    at = open + whole.length
    if (!body.startsWith('/*')) pieces.push({ kind: 'action', tokens: tokenise(body, line), line })
  }
  pushText(source.slice(at), false)
  return pieces
}

const token =
  /(\s*)(?:("(?:[^"\\\n]|\\.)*"|`[^`]*`)|('(?:[^'\\\n]|\\.)+')|([+-]?(?:0[xX][\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))|(\$\w*)|(\.\w+)|(\w+)|(:=|[=|(),.]))/y

function tokenise(body: string, line: number): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < body.length; ) {
    token.lastIndex = at
    const match = token.exec(body)
    if (!match) throw new TemplateError('parse', `unexpected ${JSON.stringify(body.slice(at, at + 12))}`, line)
    const [whole, space = '', text, char, number, variable, field, word, mark] = match
    const spaced = space !== '' || at === 0
    if (text !== undefined) tokens.push({ kind: 'literal', text, value: unquote(text, line), spaced })
    else if (char !== undefined)
      tokens.push({
        kind: 'literal',
        text: char,
        value: unquote(`"${char.slice(1, -1)}"`, line).codePointAt(0) ?? 0,
        isInt: true,
        spaced,
      })
    else if (number !== undefined)
      tokens.push({
        kind: 'literal',
        text: number,
        value: Number(number),
        isInt: !/[.]|[eE](?!.*x)/.test(number) || /^[+-]?0x/i.test(number),
        spaced,
      })
    else if (variable !== undefined) tokens.push({ kind: 'variable', text: variable, spaced })
    else if (field !== undefined) tokens.push({ kind: 'field', text: field.slice(1), spaced })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, spaced })
    else tokens.push({ kind: 'mark', text: mark ?? '', spaced })
    at += whole.length
    if (body.slice(at).trim() === '') break
  }
  return tokens
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }

function unquote(text: string, line: number): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  return text.slice(1, -1).replace(/\\(x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|[0-7]{3}|.)/gi, (_, code: string) => {
    if (/^[xuU][\da-f]+$/i.test(code)) return fromCode(Number.parseInt(code.slice(1), 16), line)
    if (/^[0-7]{3}$/.test(code)) return fromCode(Number.parseInt(code, 8), line)
    return escapes[code] ?? code
  })
}

function fromCode(code: number, line: number): string {
  if (code > 0x10ffff) throw new TemplateError('parse', 'a character is out of range', line)
  return String.fromCodePoint(code)
}
