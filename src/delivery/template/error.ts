// What a template can fail with, and where.

/** A place in a template, by its offset in the source. */
export interface TemplatePlace {
  source: string
  offset: number
}

/** `parse`: the text is no template; `execute`: it cannot be rendered with these data. */
export class TemplateError extends Error {
  readonly kind: 'parse' | 'execute'
  /** Line of the template, from 1; 0 when unknown. */
  readonly line: number
  /** Column in the line, from 1, in UTF-16 units; 0 when unknown. */
  readonly column: number

  constructor(kind: 'parse' | 'execute', message: string, place?: TemplatePlace) {
    const before = place?.source.slice(0, place.offset).split('\n')
    const line = before?.length ?? 0
    const column = before ? (before.at(-1) ?? '').length + 1 : 0
    super(before ? `line ${line}, column ${column}: ${message}` : message)
    this.name = 'TemplateError'
    this.kind = kind
    this.line = line
    this.column = column
  }
}

/** Ends the rendering with a sentence; the place is added where the template's source is known. */
export function failExecution(message: string): never {
  throw new TemplateError('execute', message)
}
