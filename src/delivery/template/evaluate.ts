// Walks the tree of a template with data; bounded in depth and steps.
import { TemplateError } from './error.ts'
import {
  atPlace,
  evaluatePipeline,
  failAt,
  type Rendering,
  type Scope,
  setVariable,
  spend,
} from './evaluate-pipeline.ts'
import type { Control, Include, Node, Pipeline, Template } from './tree.ts'
import { Int, isNil, isObject, isTrue, sortedEntries, typeName } from './values.ts'

/** Where output goes: literal text as it is, the values of pipelines as the format of the output asks. */
export interface Sink {
  text(text: string): void
  print(rendering: Rendering, pipeline: Pipeline, scope: Scope): void
}

/** How a loop is left, or gone on with. */
type Leaving = 'break' | 'continue' | null

/** How deep named templates can include each other. */
const maxDepth = 100

/**
 * Renders into a sink.
 * @throws TemplateError execute
 */
export function evaluate(template: Template, data: unknown, sink: Sink): void {
  const rendering: Rendering = { template, steps: 0, depth: 0 }
  try {
    walk(rendering, sink, template.body, { dot: data, variables: [{ name: '$', value: data }] })
  } catch (error) {
    // The stack is used up, by deep data or deep nesting, or a text has outgrown what the runtime can hold.
    if (error instanceof RangeError)
      throw new TemplateError('execute', 'the template or its data are nested too deeply')
    throw error
  }
}

/** Variables that are declared within are forgotten at the end. */
function walk(rendering: Rendering, sink: Sink, nodes: readonly Node[], scope: Scope): Leaving {
  const known = scope.variables.length
  let leaving: Leaving = null
  for (const node of nodes) {
    spend(rendering)
    if (node.kind === 'text') atPlace(rendering, node.at, '', () => sink.text(node.text))
    else if (node.kind === 'print') print(rendering, sink, node.pipeline, scope)
    else if (node.kind === 'template') include(rendering, sink, node, scope)
    else if (node.kind === 'break' || node.kind === 'continue') leaving = node.kind
    else leaving = control(rendering, sink, node, scope)
    if (leaving) break
  }
  scope.variables.length = known
  return leaving
}

/** What is assigned to a variable is not printed. */
function print(rendering: Rendering, sink: Sink, pipeline: Pipeline, scope: Scope): void {
  if (pipeline.variables.length > 0) evaluatePipeline(rendering, pipeline, scope)
  else atPlace(rendering, pipeline.commands[0]?.[0].at ?? 0, '', () => sink.print(rendering, pipeline, scope))
}

function control(rendering: Rendering, sink: Sink, node: Control, { dot, variables }: Scope): Leaving {
  const known = variables.length
  const value = evaluatePipeline(
    rendering,
    node.kind === 'range' ? { ...node.pipeline, variables: [] } : node.pipeline,
    {
      dot,
      variables,
    },
  )
  let leaving: Leaving = null
  if (node.kind === 'range') leaving = range(rendering, sink, node, { dot, variables }, value)
  else if (isTrue(value))
    leaving = walk(rendering, sink, node.body, { dot: node.kind === 'with' ? value : dot, variables })
  else leaving = walk(rendering, sink, node.otherwise, { dot, variables })
  variables.length = known
  return leaving
}

function range(rendering: Rendering, sink: Sink, node: Control, scope: Scope, value: unknown): Leaving {
  const { isAssignment, variables: names } = node.pipeline
  const [first, second] = names
  const known = scope.variables.length
  let isEmpty = true
  for (const [key, item] of entriesOf(rendering, node, value)) {
    isEmpty = false
    spend(rendering)
    if (first !== undefined) setVariable(scope, first, second === undefined ? item : key, isAssignment)
    if (second !== undefined) setVariable(scope, second, item, isAssignment)
    const leaving = walk(rendering, sink, node.body, { dot: item, variables: scope.variables })
    scope.variables.length = known
    if (leaving === 'break') break
  }
  return isEmpty ? walk(rendering, sink, node.otherwise, scope) : null
}

/** Members of a list or map, or the numbers below one. */
function* entriesOf(rendering: Rendering, node: Control, value: unknown): Generator<[unknown, unknown]> {
  if (isNil(value)) return
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield [new Int(i), item]
  else if (isObject(value)) {
    const entries = sortedEntries(value)
    // Sorting them costs even when the loop is left at once.
    spend(rendering, entries.length)
    yield* entries
  } else if (value instanceof Int) {
    if (node.pipeline.variables.length > 1) failAt(rendering, node.at, 'a number gives only one variable')
    for (let i = 0; i < value.value; i++) yield [new Int(i), new Int(i)]
  } else failAt(rendering, node.at, `range can't iterate over ${typeName(value)}`)
}

function include(rendering: Rendering, sink: Sink, node: Include, scope: Scope): void {
  const body = rendering.template.defined.get(node.name)
  if (!body) failAt(rendering, node.at, `template ${JSON.stringify(node.name)} is not defined`)
  if (++rendering.depth > maxDepth) failAt(rendering, node.at, 'templates include each other too deeply')
  const dot = node.pipeline ? evaluatePipeline(rendering, node.pipeline, scope) : undefined
  walk(rendering, sink, body, { dot, variables: [{ name: '$', value: dot }] })
  rendering.depth--
}
