// Evaluates pipelines: what stands between the braces of an action.
import { failExecution, TemplateError } from './error.ts'
import { callFunction } from './functions.ts'
import type { Command, Operand, Pipeline, Template } from './tree.ts'
import { isNil, isObject, isTrue, ownProperty, typeName } from './values.ts'

/** One rendering of a template, and what it has used up. */
export interface Rendering {
  template: Template
  steps: number
  /** Named templates around the place that is rendered. */
  depth: number
}

/** What names stand for: `.` and the variables, the innermost last. */
export interface Scope {
  dot: unknown
  variables: { name: string; value: unknown }[]
}

/** Steps of a rendering: some tenths of a second. */
const maxSteps = 200_000

/**
 * Counts what a rendering does, so that it ends.
 * @throws TemplateError execute
 */
export function spend(rendering: Rendering, steps = 1): void {
  rendering.steps += steps
  if (rendering.steps > maxSteps) failExecution('the template takes too many steps')
}

/** Ends a rendering at a place. */
export function failAt({ template }: Rendering, offset: number, message: string): never {
  throw new TemplateError('execute', message, { source: template.source, offset })
}

/** Runs what can fail without knowing where. */
export function atPlace<T>(rendering: Rendering, offset: number, before: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof TemplateError) || error.line > 0) throw error
    return failAt(rendering, offset, before + error.message)
  }
}

/**
 * The value of a pipeline, which its variable gets as well.
 * @throws TemplateError execute
 */
export function evaluatePipeline(rendering: Rendering, pipeline: Pipeline, scope: Scope): unknown {
  const value = evaluateCommands(rendering, pipeline.commands, scope)
  const [name] = pipeline.variables
  if (name !== undefined) setVariable(scope, name, value, pipeline.isAssignment)
  return value
}

/** Declares a variable, or changes one that exists. */
export function setVariable(scope: Scope, name: string, value: unknown, isAssignment: boolean): void {
  const known = isAssignment ? scope.variables.findLast((variable) => variable.name === name) : undefined
  if (known) known.value = value
  else scope.variables.push({ name, value })
}

function evaluateCommands(rendering: Rendering, commands: readonly Command[], scope: Scope): unknown {
  let value: unknown
  commands.forEach((command, i) => {
    value = evaluateCommand(rendering, command, scope, i === 0 ? [] : [value])
  })
  return value
}

function evaluateCommand(rendering: Rendering, command: Command, scope: Scope, piped: readonly unknown[]): unknown {
  const [first, ...operands] = command
  spend(rendering)
  if (first.kind === 'function') {
    const args = evaluateArguments(rendering, first.name, operands, scope, piped)
    return call(rendering, first.name, args, first.at)
  }
  if (operands.length + piped.length > 0) failAt(rendering, first.at, 'arguments are given to what is no function')
  if (first.kind === 'nil') failAt(rendering, first.at, 'nil is not a command')
  return evaluateOperand(rendering, first, scope)
}

/** All arguments, except that those of `and` and `or` end with the first that decides. */
function evaluateArguments(
  rendering: Rendering,
  name: string,
  operands: readonly Operand[],
  scope: Scope,
  piped: readonly unknown[],
): unknown[] {
  const values: unknown[] = []
  for (const operand of operands) {
    const value = evaluateOperand(rendering, operand, scope)
    values.push(value)
    if (name === 'and' && !isTrue(value)) return values
    if (name === 'or' && isTrue(value)) return values
  }
  return [...values, ...piped]
}

/** Texts cost steps by their length, so that a loop cannot work on long ones for long. */
const charactersPerStep = 64
const costOf = (value: unknown): number =>
  typeof value === 'string'
    ? Math.floor(value.length / charactersPerStep)
    : Array.isArray(value)
      ? value.length >> 4
      : 0
const maxText = 1_048_576

function call(rendering: Rendering, name: string, args: readonly unknown[], at: number): unknown {
  return atPlace(rendering, at, `${name}: `, () => {
    for (const value of args) spend(rendering, costOf(value))
    const value = callFunction(name, args)
    spend(rendering, costOf(value))
    return typeof value === 'string' && value.length > maxText ? failExecution('the text is too long') : value
  })
}

function evaluateOperand(rendering: Rendering, operand: Operand, scope: Scope): unknown {
  const { at } = operand
  if (operand.kind === 'dot') return scope.dot
  if (operand.kind === 'nil') return null
  if (operand.kind === 'literal') return operand.value
  if (operand.kind === 'function') return evaluateCommand(rendering, [operand], scope, [])
  if (operand.kind === 'field') return readFields(rendering, scope.dot, operand.names, at)
  if (operand.kind === 'group')
    return readFields(rendering, evaluateCommands(rendering, operand.pipeline.commands, scope), operand.names, at)
  const known = scope.variables.findLast(({ name }) => name === operand.name)
  return readFields(rendering, known?.value, operand.names, at)
}

/** Missing names are nothing, and so is what is below them; texts, numbers and lists have no fields. */
function readFields(rendering: Rendering, value: unknown, names: readonly string[], at: number): unknown {
  return names.reduce((item: unknown, name) => {
    if (isNil(item)) return undefined
    return isObject(item) ? ownProperty(item, name) : failAt(rendering, at, `${typeName(item)} has no field ${name}`)
  }, value)
}

/** The names of the escaping functions that escaping by context takes over. */
export type PredefinedEscaper = 'html' | 'urlquery'

const escaperOf = ([first]: Command): PredefinedEscaper | null =>
  first.kind === 'function' && (first.name === 'html' || first.name === 'urlquery') ? first.name : null

/**
 * A value to be printed in HTML; an escaping function at the end is not called but named, since it may only take the
 * place of one that the context asks for.
 * @throws TemplateError execute when there is one before the end, as Go refuses it
 */
export function evaluateForHtml(
  rendering: Rendering,
  { commands }: Pipeline,
  scope: Scope,
): { values: unknown[]; escaper: PredefinedEscaper | null } {
  const earlier = commands.slice(0, -1)
  for (const command of earlier)
    if (escaperOf(command)) failAt(rendering, command[0].at, 'an escaping function must be the last of its pipeline')
  const [first, ...operands] = commands.at(-1) ?? []
  const escaper = first && escaperOf([first])
  if (!first || !escaper) return { values: [evaluateCommands(rendering, commands, scope)], escaper: null }
  const piped = earlier.length > 0 ? [evaluateCommands(rendering, earlier, scope)] : []
  spend(rendering)
  return { values: evaluateArguments(rendering, escaper, operands, scope, piped), escaper }
}
