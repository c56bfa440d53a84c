// Walks the tree of a template with data; bounded in depth, steps and output.
import { TemplateError } from './error.ts'
import { Int } from './format.ts'
import { functions, isTrue } from './functions.ts'
import type { Node, Operand, Pipeline, Template } from './parse.ts'

/** Where output goes: literal text as it is, values to be escaped by where they stand. */
export interface Sink {
  text(text: string): void
  value(value: unknown): void
}

interface Scope {
  dot: unknown
  variables: [string, unknown][]
}

const maxSteps = 200_000
const maxDepth = 100
class Leave extends Error {
  readonly how: 'break' | 'continue'

  constructor(how: 'break' | 'continue') {
    super(how)
    this.how = how
  }
}

/**
 * Renders into a sink.
 * @throws TemplateError execute
 */
export function evaluate(template: Template, data: unknown, sink: Sink): void {
  let steps = 0
  let depth = 0
  const step = () => {
    if (++steps > maxSteps) throw new TemplateError('execute', 'the template takes too many steps')
  }

  function walk(nodes: readonly Node[], scope: Scope): void {
    const before = scope.variables.length
    for (const node of nodes) {
      step()
      if (node.kind === 'text') sink.text(node.text)
      else if (node.kind === 'print') {
        const value = pipe(node.pipeline, scope)
        if (node.pipeline.variables.length === 0) sink.value(value)
      } else if (node.kind === 'if' || node.kind === 'with') branch(node, scope)
      else if (node.kind === 'range') range(node, scope)
      else if (node.kind === 'template') include(node, scope)
      else throw new Leave(node.kind)
    }
    scope.variables.length = before
  }

  function branch(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, scope: Scope): void {
    const inner = { dot: scope.dot, variables: [...scope.variables] }
    const value = pipe(node.pipeline, inner)
    const dot = node.kind === 'with' && isTrue(value) ? value : scope.dot
    walkSharing(isTrue(value) ? node.body : node.otherwise, scope, { ...inner, dot })
  }

  /** Assignments to variables of the outer scope outlive an inner one. */
  function walkSharing(nodes: readonly Node[], outer: Scope, inner: Scope): void {
    try {
      walk(nodes, inner)
    } finally {
      outer.variables.forEach((variable, i) => {
        variable[1] = inner.variables[i]?.[1] ?? variable[1]
      })
    }
  }

  function range(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, scope: Scope): void {
    const value = pipe({ ...node.pipeline, variables: [] }, scope)
    const entries = entriesOf(value)
    if (entries.length === 0) {
      walkSharing(node.otherwise, scope, { dot: scope.dot, variables: [...scope.variables] })
      return
    }
    const { variables } = node.pipeline
    for (const [key, item] of entries) {
      step()
      const inner: Scope = { dot: item, variables: [...scope.variables] }
      const [first, second] = variables
      if (first !== undefined && second !== undefined) inner.variables.push([first, key], [second, item])
      else if (first !== undefined) inner.variables.push([first, item])
      try {
        walkSharing(node.body, scope, inner)
      } catch (error) {
        if (!(error instanceof Leave)) throw error
        if (error.how === 'break') return
      }
    }
  }

  function include(node: Extract<Node, { kind: 'template' }>, scope: Scope): void {
    const body = template.defined.get(node.name)
    if (!body) throw new TemplateError('execute', `template ${JSON.stringify(node.name)} is not defined`, node.line)
    if (++depth > maxDepth) throw new TemplateError('execute', 'templates include each other too deeply', node.line)
    const dot = node.pipeline ? pipe(node.pipeline, scope) : null
    walk(body, { dot, variables: [['$', dot]] })
    depth--
  }

  function pipe(pipeline: Pipeline, scope: Scope): unknown {
    let value: unknown
    pipeline.commands.forEach((command, i) => {
      value = run(command, scope, i === 0 ? [] : [value], pipeline.line)
    })
    const [name] = pipeline.variables
    if (name !== undefined) {
      if (!pipeline.isAssignment) scope.variables.push([name, value])
      else {
        const known = scope.variables.findLast(([other]) => other === name)
        if (!known) throw new TemplateError('execute', `undefined variable ${name}`, pipeline.line)
        known[1] = value
      }
    }
    return value
  }

  function run([first, ...rest]: Operand[], scope: Scope, piped: unknown[], line: number): unknown {
    step()
    if (!first) return null
    if (first.kind !== 'function') {
      if (rest.length + piped.length > 0)
        throw new TemplateError('execute', "can't give argument to non-function", line)
      return operand(first, scope, line)
    }
    const args = rest.map((argument) => () => operand(argument, scope, line))
    const all = [...args, ...piped.map((value) => () => value)]
    if (first.name === 'and' || first.name === 'or') {
      let value: unknown = null
      for (const argument of all) {
        value = argument()
        if (isTrue(value) === (first.name === 'or')) return value
      }
      return value
    }
    try {
      return functions[first.name]?.(...all.map((argument) => argument()))
    } catch (error) {
      if (error instanceof TemplateError && error.line === 0)
        throw new TemplateError('execute', `${first.name}: ${error.message}`, line)
      throw error
    }
  }

  function operand(part: Operand, scope: Scope, line: number): unknown {
    if (part.kind === 'dot') return scope.dot
    if (part.kind === 'nil') return null
    if (part.kind === 'literal') return part.isInt && typeof part.value === 'number' ? new Int(part.value) : part.value
    if (part.kind === 'function') return run([part], scope, [], line)
    if (part.kind === 'field') return fieldsOf(scope.dot, part.names, line)
    if (part.kind === 'group')
      return fieldsOf(pipe(part.pipeline, { dot: scope.dot, variables: scope.variables }), part.names, line)
    const known = scope.variables.findLast(([name]) => name === part.name)
    if (!known) throw new TemplateError('execute', `undefined variable ${part.name}`, line)
    return fieldsOf(known[1], part.names, line)
  }

  try {
    walk(template.body, { dot: data, variables: [['$', data]] })
  } catch (error) {
    if (error instanceof RangeError) throw new TemplateError('execute', 'the template is nested too deeply')
    throw error
  }
}

/** Missing names are nothing, also below missing names; a text or number has no fields. */
function fieldsOf(value: unknown, names: readonly string[], line: number): unknown {
  return names.reduce((item: unknown, name) => {
    if (item === null || item === undefined) return null
    if (typeof item !== 'object' || item instanceof Int || Array.isArray(item))
      throw new TemplateError('execute', `can't evaluate field ${name}`, line)
    return Object.hasOwn(item, name) ? Reflect.get(item, name) : null
  }, value)
}

function entriesOf(value: unknown): [unknown, unknown][] {
  if (Array.isArray(value)) return value.map((item, i) => [new Int(i), item])
  const count = value instanceof Int ? value.value : null
  if (count !== null) {
    if (count > maxSteps) throw new TemplateError('execute', 'the template takes too many steps')
    return Array.from({ length: Math.max(0, count) }, (_, i) => [new Int(i), new Int(i)])
  }
  if (value === null || value === undefined) return []
  if (typeof value === 'object') return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  throw new TemplateError('execute', "range can't iterate over this value")
}
