// What a template can fail with.

/** `parse`: the text is no template; `execute`: it cannot be rendered with these data. */
export class TemplateError extends Error {
  readonly kind: 'parse' | 'execute'
  /** Line of the template, from 1; 0 when unknown. */
  readonly line: number

  constructor(kind: 'parse' | 'execute', message: string, line = 0) {
    super(line > 0 ? `line ${line}: ${message}` : message)
    this.name = 'TemplateError'
    this.kind = kind
    this.line = line
  }
}
