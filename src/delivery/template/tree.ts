// The tree of a parsed template; `at` is an offset in its source.
import type { Int } from './values.ts'

/** A value in an action. */
export type Operand = { at: number } & (
  | { kind: 'dot' }
  | { kind: 'nil' }
  | { kind: 'literal'; value: string | number | boolean | Int }
  | { kind: 'field'; names: string[] }
  | { kind: 'variable'; name: string; names: string[] }
  | { kind: 'function'; name: string }
  | { kind: 'group'; pipeline: Pipeline; names: string[] }
)

/** A function and its arguments, or a value by itself. */
export type Command = [Operand, ...Operand[]]

/** Commands joined by `|`, and the variables that get the result. */
export interface Pipeline {
  variables: string[]
  /** Whether the variables exist already: `=` instead of `:=`. */
  isAssignment: boolean
  commands: Command[]
}

/** `if`, `with` and `range`. */
export interface Control {
  kind: 'if' | 'with' | 'range'
  pipeline: Pipeline
  body: Node[]
  otherwise: Node[]
  at: number
}

/** A call of a named template. */
export interface Include {
  kind: 'template'
  name: string
  pipeline: Pipeline | null
  at: number
}

/** A node of the tree. */
export type Node =
  | { kind: 'text'; text: string; at: number }
  | { kind: 'print'; pipeline: Pipeline }
  | Control
  | Include
  | { kind: 'break' }
  | { kind: 'continue' }

/** A template and those it defines. */
export interface Template {
  source: string
  body: Node[]
  defined: Map<string, Node[]>
}
