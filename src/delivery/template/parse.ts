// Builds the tree of a template.
import { TemplateError } from './error.ts'
import { type ActionPiece, lex, type Piece } from './lex.ts'
import { type ActionReader, parsePipeline, peek, readAction } from './parse-pipeline.ts'
import type { Control, Include, Node, Template } from './tree.ts'

/** What has been read of a template, and where its blocks stand. */
interface Parsing {
  source: string
  pieces: Piece[]
  position: number
  /** Blocks around the place that is read. */
  depth: number
  /** `range` blocks around it, within the same template. */
  loops: number
  variables: string[]
  defined: Map<string, Node[]>
}

const maxDepth = 500

/**
 * Parses a template.
 * @throws TemplateError parse
 */
export function parseTemplate(source: string): Template {
  const defined = new Map<string, Node[]>()
  const parsing = { source, pieces: lex(source), position: 0, depth: 0, loops: 0, variables: ['$'], defined }
  return { source, body: readNodes(parsing, null).nodes, defined }
}

/** Nodes up to `{{end}}` or `{{else}}` of the action that opened them, or, without one, up to the end. */
function readNodes(parsing: Parsing, opener: ActionReader | null): { nodes: Node[]; end: ActionReader | null } {
  const nodes: Node[] = []
  const known = parsing.variables.length
  for (let piece = parsing.pieces[parsing.position]; piece; piece = parsing.pieces[parsing.position]) {
    parsing.position++
    if (piece.kind === 'text') nodes.push(piece)
    else {
      const action = readAction(parsing.source, piece, parsing.variables)
      const word = keywordOf(action)
      if (word === 'end' || word === 'else') {
        if (!opener) action.fail(`unexpected {{${word}}}`)
        parsing.variables.length = known
        return { nodes, end: action }
      }
      const node = readNode(parsing, action, word)
      if (node) nodes.push(node)
    }
  }
  opener?.fail('{{end}} is missing')
  return { nodes, end: null }
}

const keywords = new Set(['if', 'with', 'range', 'else', 'end', 'break', 'continue', 'define', 'block', 'template'])

/** The keyword that an action begins with, which is then read; `''` without. */
function keywordOf(action: ActionReader): string {
  const token = peek(action)
  if (token?.kind !== 'word' || !keywords.has(token.text)) return ''
  action.position++
  return token.text
}

function readNode(parsing: Parsing, action: ActionReader, word: string): Node | null {
  if (word === 'if' || word === 'with' || word === 'range') return readControl(parsing, action, word)
  if (word === 'define') {
    if (parsing.depth > 0) action.fail('{{define}} within another block')
    const name = readName(action)
    expectEnd(action)
    define(parsing, action, name)
    return null
  }
  if (word === 'block') {
    const include: Include = {
      kind: 'template',
      name: readName(action),
      pipeline: parsePipeline(action),
      at: action.at,
    }
    define(parsing, action, include.name)
    return include
  }
  if (word === 'template') {
    const name = readName(action)
    return { kind: 'template', name, pipeline: peek(action) ? parsePipeline(action) : null, at: action.at }
  }
  if (word === 'break' || word === 'continue') {
    if (parsing.loops === 0) action.fail(`{{${word}}} outside {{range}}`)
    expectEnd(action)
    return { kind: word }
  }
  return { kind: 'print', pipeline: parsePipeline(action) }
}

function readControl(parsing: Parsing, action: ActionReader, kind: Control['kind']): Control {
  enter(parsing, action)
  const known = parsing.variables.length
  const pipeline = parsePipeline(action, kind === 'range' ? 2 : 1)
  if (kind === 'range') parsing.loops++
  const { nodes: body, end } = readNodes(parsing, action)
  if (kind === 'range') parsing.loops--
  const otherwise = end?.tokens[0]?.text === 'else' ? readElse(parsing, end, kind) : []
  if (end) expectEnd(end)
  parsing.variables.length = known
  parsing.depth--
  return { kind, pipeline, body, otherwise, at: action.at }
}

/** `{{else}}`, or `{{else if}}` and `{{else with}}`, which share the `{{end}}`. */
function readElse(parsing: Parsing, action: ActionReader, kind: Control['kind']): Node[] {
  const next = peek(action)
  if (next?.kind === 'word' && next.text === kind && kind !== 'range') {
    action.position++
    return [readControl(parsing, action, kind)]
  }
  expectEnd(action)
  const { nodes, end } = readNodes(parsing, action)
  if (end?.tokens[0]?.text === 'else') end.fail('a second {{else}}')
  if (end) expectEnd(end)
  return nodes
}

/** A named template knows neither the variables nor the loops around it. */
function define(parsing: Parsing, action: ActionReader, name: string): void {
  const { variables, loops } = parsing
  enter(parsing, action)
  Object.assign(parsing, { variables: ['$'], loops: 0 })
  const { nodes, end } = readNodes(parsing, action)
  if (end?.tokens[0]?.text === 'else') end.fail('unexpected {{else}}')
  if (end) expectEnd(end)
  Object.assign(parsing, { variables, loops })
  parsing.depth--
  const isEmpty = (body: Node[]) => body.every((node) => node.kind === 'text' && node.text.trim() === '')
  const other = parsing.defined.get(name)
  if (other && !isEmpty(other) && !isEmpty(nodes)) action.fail(`template ${JSON.stringify(name)} is defined twice`)
  if (!other || isEmpty(other)) parsing.defined.set(name, nodes)
}

function enter(parsing: Parsing, action: ActionPiece): void {
  if (++parsing.depth <= maxDepth) return
  throw new TemplateError('parse', 'blocks are nested too deeply', { source: parsing.source, offset: action.at })
}

function readName(action: ActionReader): string {
  const token = peek(action)
  action.position++
  if (typeof token?.value === 'string') return token.value
  return action.fail('the name of a template is expected in quotes', token)
}

function expectEnd(action: ActionReader): void {
  const token = peek(action)
  if (token) action.fail(`unexpected ${token.text}`, token)
}
