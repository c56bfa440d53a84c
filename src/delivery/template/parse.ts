// Builds the tree of a template.
import { TemplateError } from './error.ts'
import { functionNames } from './function-names.ts'
import { lex, type Piece, type Token } from './lex.ts'

/** A value in an action. */
export type Operand =
  | { kind: 'dot' }
  | { kind: 'nil' }
  | { kind: 'literal'; value: string | number | boolean; isInt: boolean }
  | { kind: 'field'; names: string[] }
  | { kind: 'variable'; name: string; names: string[] }
  | { kind: 'function'; name: string }
  | { kind: 'group'; pipeline: Pipeline; names: string[] }

/** Commands joined by `|`, and the variables that get the result. */
export interface Pipeline {
  variables: string[]
  isAssignment: boolean
  commands: Operand[][]
  line: number
}

/** A node of the tree. */
export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'print'; pipeline: Pipeline }
  | { kind: 'if' | 'with' | 'range'; pipeline: Pipeline; body: Node[]; otherwise: Node[] }
  | { kind: 'template'; name: string; pipeline: Pipeline | null; line: number }
  | { kind: 'break' | 'continue' }

/** A template and those it defines. */
export interface Template {
  body: Node[]
  defined: Map<string, Node[]>
}

const maxDepth = 200

/**
 * Parses a template.
 * @throws TemplateError parse
 */
export function parseTemplate(source: string): Template {
  const pieces = lex(source)
  const defined = new Map<string, Node[]>()
  let at = 0
  let depth = 0
  let loops = 0

  /** Reads nodes until one of the words; the pieces after it are the caller's. */
  function readNodes(ends: readonly string[]): { nodes: Node[]; end: Extract<Piece, { kind: 'action' }> | null } {
    if (++depth > maxDepth) throw new TemplateError('parse', 'blocks are nested too deeply')
    const nodes: Node[] = []
    while (at < pieces.length) {
      const piece = pieces[at++]
      if (!piece) break
      if (piece.kind === 'text') {
        nodes.push(piece)
        continue
      }
      const [first] = piece.tokens
      const word = first?.kind === 'word' ? first.text : ''
      if (word === 'end' || word === 'else') {
        if (!ends.includes(word)) throw new TemplateError('parse', `unexpected {{${word}}}`, piece.line)
        depth--
        return { nodes, end: piece }
      }
      const node = readAction(word, piece)
      if (node) nodes.push(node)
    }
    if (ends.length > 0) throw new TemplateError('parse', '{{end}} is missing')
    depth--
    return { nodes, end: null }
  }

  function readAction(word: string, { tokens, line }: Extract<Piece, { kind: 'action' }>): Node | null {
    const rest = tokens.slice(1)
    if (word === 'if' || word === 'with' || word === 'range') return readControl(word, rest, line)
    if (word === 'break' || word === 'continue') {
      if (loops === 0) throw new TemplateError('parse', `{{${word}}} outside {{range}}`, line)
      return { kind: word }
    }
    if (word === 'define' || word === 'block') {
      const name = nameOf(rest, line)
      const outer = loops
      loops = 0
      const { nodes } = readNodes(['end'])
      loops = outer
      defined.set(name, nodes)
      return word === 'block' ? { kind: 'template', name, pipeline: parsePipeline(rest.slice(1), line), line } : null
    }
    if (word === 'template') {
      const pipeline = rest.length > 1 ? parsePipeline(rest.slice(1), line) : null
      return { kind: 'template', name: nameOf(rest, line), pipeline, line }
    }
    if (tokens.length === 0) throw new TemplateError('parse', 'missing value for command', line)
    return { kind: 'print', pipeline: parsePipeline(tokens, line) }
  }

  function readControl(kind: 'if' | 'with' | 'range', tokens: Token[], line: number): Node {
    const pipeline = parsePipeline(tokens, line)
    if (kind === 'range') loops++
    const { nodes: body, end } = readNodes(['end', 'else'])
    if (kind === 'range') loops--
    const [, next, ...rest] = end?.tokens ?? []
    if (end?.tokens[0]?.text === 'end') return { kind, pipeline, body, otherwise: [] }
    if (next?.kind === 'word' && (next.text === 'if' || next.text === 'with') && kind !== 'range')
      return { kind, pipeline, body, otherwise: [readControl(next.text, rest, line)] }
    if (next) throw new TemplateError('parse', 'unexpected text after {{else}}', line)
    return { kind, pipeline, body, otherwise: readNodes(['end']).nodes }
  }

  return { body: readNodes([]).nodes, defined }
}

function nameOf([token]: Token[], line: number): string {
  if (token?.kind === 'literal' && typeof token.value === 'string') return token.value
  throw new TemplateError('parse', 'the name of a template is expected in quotes', line)
}

/** Declarations, then commands; `range` may declare two variables. */
function parsePipeline(tokens: Token[], line: number): Pipeline {
  const variables: string[] = []
  let isAssignment = false
  let at = 0
  const sign = tokens.findIndex((token) => token.kind === 'mark' && (token.text === ':=' || token.text === '='))
  if (sign > 0) {
    const names = tokens.slice(0, sign).filter((token) => !(token.kind === 'mark' && token.text === ','))
    if (names.length > 2 || names.some((token) => token.kind !== 'variable'))
      throw new TemplateError('parse', 'variables are expected before :=', line)
    variables.push(...names.map((token) => token.text))
    isAssignment = tokens[sign]?.text === '='
    at = sign + 1
  }
  const commands: Operand[][] = [[]]
  while (at < tokens.length) {
    const token = tokens[at]
    if (token?.kind === 'mark' && token.text === '|') {
      commands.push([])
      at++
      continue
    }
    const read = parseOperand(tokens, at, line)
    commands.at(-1)?.push(read.operand)
    at = read.next
  }
  if (commands.some((command) => command.length === 0))
    throw new TemplateError('parse', 'missing value for command', line)
  return { variables, isAssignment, commands, line }
}

function parseOperand(tokens: Token[], start: number, line: number): { operand: Operand; next: number } {
  const token = tokens[start]
  const unexpected = () => new TemplateError('parse', `unexpected ${JSON.stringify(token?.text ?? '')}`, line)
  if (!token) throw unexpected()
  let next = start + 1
  const fields = () => {
    const names: string[] = []
    for (let field = tokens[next]; field?.kind === 'field' && !field.spaced; field = tokens[++next])
      names.push(field.text)
    return names
  }
  if (token.kind === 'field') return { operand: { kind: 'field', names: [token.text, ...fields()] }, next }
  if (token.kind === 'variable') {
    const names = fields()
    return { operand: { kind: 'variable', name: token.text, names }, next }
  }
  if (token.kind === 'literal')
    return { operand: { kind: 'literal', value: token.value ?? '', isInt: token.isInt ?? false }, next }
  if (token.kind === 'word') return { operand: wordOperand(token.text, line), next }
  if (token.text === '.') return { operand: { kind: 'dot' }, next }
  if (token.text !== '(') throw unexpected()
  let depth = 1
  while (next < tokens.length && depth > 0) {
    const inner = tokens[next++]
    if (inner?.kind === 'mark' && inner.text === '(') depth++
    if (inner?.kind === 'mark' && inner.text === ')') depth--
  }
  if (depth > 0) throw new TemplateError('parse', 'a parenthesis is not closed', line)
  const pipeline = parsePipeline(tokens.slice(start + 1, next - 1), line)
  const names = fields()
  return { operand: { kind: 'group', pipeline, names }, next }
}

function wordOperand(word: string, line: number): Operand {
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true', isInt: false }
  if (word === 'nil') return { kind: 'nil' }
  if (!functionNames.has(word)) throw new TemplateError('parse', `function "${word}" not defined`, line)
  return { kind: 'function', name: word }
}
