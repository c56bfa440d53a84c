// Cuts a template into text and actions, and actions into tokens.
import { TemplateError } from './error.ts'
import { characterCode, parseNumber, unquote } from './literals.ts'
import type { Int } from './values.ts'

/** A piece of a template; `at` is an offset in its source. */
export type Piece = { kind: 'text'; text: string; at: number } | ActionPiece

/** An action between braces. */
export interface ActionPiece {
  kind: 'action'
  tokens: Token[]
  at: number
}

/** A token of an action; `spaced` says whether white space stands before it. */
export interface Token {
  kind: 'word' | 'field' | 'variable' | 'literal' | 'mark'
  /** As written; a field without its dot. */
  text: string
  value?: string | number | Int
  spaced: boolean
  at: number
}

const space = ' \t\r\n'

/**
 * Pieces in order; `{{-` and `-}}` trim the white space beside them, comments vanish.
 * @throws TemplateError parse
 */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  let trimsStart = false
  for (;;) {
    const open = source.indexOf('{{', at)
    const end = open < 0 ? source.length : open
    const trimsEnd = open >= 0 && source[open + 2] === '-' && isSpace(source[open + 3])
    const text = trim(source.slice(at, end), trimsStart, trimsEnd)
    if (text !== '') pieces.push({ kind: 'text', text, at })
    if (open < 0) return pieces
    const start = open + (trimsEnd ? 4 : 2)
    const action = source.startsWith('/*', start) ? skipComment(source, start) : readTokens(source, start, open)
    if (action.tokens) pieces.push({ kind: 'action', tokens: action.tokens, at: open })
    at = action.end
    trimsStart = action.trims
  }
}

/** The end of an action: the offset after it, and whether the text after it is trimmed. */
interface Action {
  tokens: Token[] | null
  end: number
  trims: boolean
}

const isSpace = (character: string | undefined): boolean => character !== undefined && space.includes(character)

function trim(text: string, start: boolean, end: boolean): string {
  let from = 0
  let to = text.length
  while (start && from < to && isSpace(text[from])) from++
  while (end && to > from && isSpace(text[to - 1])) to--
  return text.slice(from, to)
}

const close = /([ \t\r\n]+-)?\}\}/y

function skipComment(source: string, start: number): Action {
  const stars = source.indexOf('*/', start + 2)
  if (stars < 0) throw new TemplateError('parse', 'a comment is not closed', { source, offset: start })
  close.lastIndex = stars + 2
  const match = close.exec(source)
  if (!match) throw new TemplateError('parse', 'a comment must end its action', { source, offset: stars })
  return { tokens: null, end: close.lastIndex, trims: match[1] !== undefined }
}

const token = new RegExp(
  [
    /("(?:[^"\\\n]|\\.)*"|`[^`]*`)/u, // text
    /('(?:[^'\\\n]|\\.)+')/u, // character
    /([+-]?\.?\d(?:[eEpP][+-]|[\w.])*)/u, // number
    /(\$[\p{L}\p{Nd}_]*)/u, // variable
    /\.([\p{L}_][\p{L}\p{Nd}_]*)/u, // field
    /([\p{L}_][\p{L}\p{Nd}_]*)/u, // word
    /(:=|[=|(),.])/u, // mark
  ]
    .map(({ source }) => source)
    .join('|'),
  'uy',
)
const spaces = /[ \t\r\n]*/y

function readTokens(source: string, start: number, open: number): Action {
  const tokens: Token[] = []
  for (let at = start; ; ) {
    close.lastIndex = at
    const end = close.exec(source)
    if (end) return { tokens, end: close.lastIndex, trims: end[1] !== undefined }
    spaces.lastIndex = at
    const spaced = spaces.exec(source)?.[0] !== '' || at === start
    at = spaces.lastIndex
    if (source.startsWith('}}', at)) return { tokens, end: at + 2, trims: false }
    if (at >= source.length) throw new TemplateError('parse', 'an action is not closed', { source, offset: open })
    token.lastIndex = at
    const match = token.exec(source)
    if (!match) throw unexpected(source, at)
    tokens.push(toToken(match, source, spaced, at))
    at = token.lastIndex
  }
}

function unexpected(source: string, offset: number): TemplateError {
  const character = String.fromCodePoint(source.codePointAt(offset) ?? 0)
  const isQuote = '"\'`'.includes(character)
  return new TemplateError(
    'parse',
    isQuote ? `the quote ${character} is not closed` : `unexpected ${JSON.stringify(character)}`,
    { source, offset },
  )
}

function toToken(match: RegExpExecArray, source: string, spaced: boolean, at: number): Token {
  const [, text, character, number, variable, field, word, mark = ''] = match
  const literal = (written: string, value: string | number | Int | null, what: string): Token => {
    if (value === null) throw new TemplateError('parse', `${written} is no ${what}`, { source, offset: at })
    return { kind: 'literal', text: written, value, spaced, at }
  }
  if (text !== undefined) return literal(text, unquote(text), 'text, since an escape in it is unknown')
  if (character !== undefined) return literal(character, characterCode(character), 'character')
  if (number !== undefined) return literal(number, parseNumber(number), 'number, or too large for one')
  if (variable !== undefined) return { kind: 'variable', text: variable, spaced, at }
  if (field !== undefined) return { kind: 'field', text: field, spaced, at }
  if (word !== undefined) return { kind: 'word', text: word, spaced, at }
  return { kind: 'mark', text: mark, spaced, at }
}
