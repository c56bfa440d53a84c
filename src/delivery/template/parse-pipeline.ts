// Builds the pipeline of an action from its tokens.
import { TemplateError } from './error.ts'
import { isFunction } from './functions.ts'
import type { ActionPiece, Token } from './lex.ts'
import type { Command, Operand, Pipeline } from './tree.ts'

/** The tokens of an action, how far they are read, and the variables that are known where it stands. */
export interface ActionReader extends ActionPiece {
  position: number
  variables: string[]
  /** Ends the parsing; without a token the place is the action. */
  fail(message: string, token?: Token): never
}

/** Starts at the first token of an action. */
export const readAction = (source: string, action: ActionPiece, variables: string[]): ActionReader => ({
  ...action,
  position: 0,
  variables,
  fail(message, token) {
    throw new TemplateError('parse', message, { source, offset: token?.at ?? action.at })
  },
})

/** The token to be read next. */
export const peek = (action: ActionReader): Token | undefined => action.tokens[action.position]

/**
 * Declarations, then commands, up to the end of the action; `range` can declare two variables.
 * @throws TemplateError parse
 */
export function parsePipeline(action: ActionReader, declarable: 1 | 2 = 1): Pipeline {
  const { variables, isAssignment } = readVariables(action, declarable)
  const commands = readCommands(action, 0)
  const extra = peek(action)
  if (extra) action.fail(`unexpected ${extra.text}`, extra)
  // Known only from here on: a variable cannot be used in its own declaration.
  if (!isAssignment) action.variables.push(...variables)
  return { variables, isAssignment, commands }
}

/** `$x :=`, `$x =`, `$i, $x :=`; nothing when the pipeline begins without. */
function readVariables(action: ActionReader, declarable: number): { variables: string[]; isAssignment: boolean } {
  const variables: string[] = []
  let at = action.position
  for (let token = action.tokens[at]; token?.kind === 'variable'; token = action.tokens[at]) {
    variables.push(token.text)
    if (action.tokens[++at]?.text !== ',') break
    at++
  }
  const sign = action.tokens[at]?.text
  if (variables.length === 0 || (sign !== ':=' && sign !== '=')) return { variables: [], isAssignment: false }
  if (variables.length > declarable) action.fail('too many variables are declared', action.tokens[at])
  const unknown = sign === '=' ? variables.find((name) => !action.variables.includes(name)) : undefined
  if (unknown !== undefined) action.fail(`undefined variable ${unknown}`, peek(action))
  action.position = at + 1
  return { variables, isAssignment: sign === '=' }
}

const maxDepth = 100

/** Commands up to the end of the action, or up to the parenthesis that closes them. */
function readCommands(action: ActionReader, depth: number): Command[] {
  if (depth > maxDepth) action.fail('parentheses are nested too deeply', peek(action))
  const commands: Command[] = []
  for (;;) {
    const [first, ...rest] = readOperands(action, depth)
    if (!first) action.fail('missing value for command', peek(action))
    if (commands.length > 0 && (first.kind === 'literal' || first.kind === 'nil' || first.kind === 'dot'))
      action.fail(`stage ${commands.length + 1} of the pipeline is no function`)
    commands.push([first, ...rest])
    if (peek(action)?.text !== '|') return commands
    action.position++
  }
}

function readOperands(action: ActionReader, depth: number): Operand[] {
  const operands: Operand[] = []
  for (let token = peek(action); token && token.text !== '|' && token.text !== ')'; token = peek(action)) {
    if (operands.length > 0 && !token.spaced) action.fail(`a space is missing before ${token.text}`, token)
    operands.push(readOperand(action, token, depth))
  }
  return operands
}

function readOperand(action: ActionReader, token: Token, depth: number): Operand {
  const { at, kind, text } = token
  action.position++
  if (kind === 'field') return { kind: 'field', names: [text, ...readFields(action)], at }
  if (kind === 'variable') {
    if (!action.variables.includes(text)) action.fail(`undefined variable ${text}`, token)
    return { kind: 'variable', name: text, names: readFields(action), at }
  }
  if (kind === 'literal') return { kind: 'literal', value: token.value ?? '', at }
  if (kind === 'word') return readWord(action, token)
  if (text === '.') return { kind: 'dot', at }
  if (text !== '(') action.fail(`unexpected ${text}`, token)
  const commands = readCommands(action, depth + 1)
  if (peek(action)?.text !== ')') action.fail('a parenthesis is not closed', token)
  action.position++
  return { kind: 'group', pipeline: { variables: [], isAssignment: false, commands }, names: readFields(action), at }
}

/** Fields that follow without a space. */
function readFields(action: ActionReader): string[] {
  const names: string[] = []
  for (let token = peek(action); token?.kind === 'field' && !token.spaced; token = peek(action)) {
    names.push(token.text)
    action.position++
  }
  return names
}

function readWord(action: ActionReader, token: Token): Operand {
  const { at, text } = token
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at }
  if (text === 'nil') return { kind: 'nil', at }
  if (!isFunction(text)) action.fail(`function "${text}" not defined`, token)
  return { kind: 'function', name: text, at }
}
