// The template language of mails: a subset of Go's html/template and text/template.
import { TemplateError } from './error.ts'
import { escapeFor } from './escape.ts'
import { evaluate, type Sink } from './evaluate.ts'
import { evaluateForHtml, evaluatePipeline } from './evaluate-pipeline.ts'
import { printAll, printed } from './format.ts'
import { trackHtml } from './html-tracker.ts'
import type { Template } from './tree.ts'

export { TemplateError } from './error.ts'
export { parseTemplate } from './parse.ts'
export type { Template } from './tree.ts'

/** The most that is written, in UTF-16 units. */
const maxLength = 1_048_576

/** Runs a rendering and gathers what it writes. */
function gather(template: Template, data: unknown, makeSink: (write: (text: string) => void) => Sink): string {
  const parts: string[] = []
  let length = 0
  const sink = makeSink((text) => {
    length += text.length
    if (length > maxLength) throw new TemplateError('execute', 'the output is longer than a megabyte')
    parts.push(text)
  })
  evaluate(template, data, sink)
  return parts.join('')
}

/**
 * Renders HTML: every value is escaped for the place it stands in, HTML comments are left out.
 * @throws TemplateError execute
 */
export function renderHtml(template: Template, data: unknown): string {
  const html = trackHtml()
  const rendered = gather(template, data, (write) => ({
    text: (text) => write(html.literal(text)),
    print(rendering, pipeline, scope) {
      const { values, escaper } = evaluateForHtml(rendering, pipeline, scope)
      const value = values.length === 1 ? values[0] : printAll(values)
      const escaped = escapeFor(html.place(), value, escaper)
      html.wrote(escaped)
      write(escaped)
    },
  }))
  html.end()
  return rendered
}

/**
 * Renders plain text: values as they are.
 * @throws TemplateError execute
 */
export function renderText(template: Template, data: unknown): string {
  return gather(template, data, (write) => ({
    text: write,
    print: (rendering, pipeline, scope) => write(printed(evaluatePipeline(rendering, pipeline, scope))),
  }))
}
