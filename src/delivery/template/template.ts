// The template language of mails: a subset of Go's html/template and text/template.
import { TemplateError } from './error.ts'
import { escapeFor } from './escape.ts'
import { evaluate } from './evaluate.ts'
import { formatValue } from './format.ts'
import { trackHtml } from './html-context.ts'
import type { Template } from './parse.ts'

export { TemplateError } from './error.ts'
export { parseTemplate, type Template } from './parse.ts'

const maxLength = 1_048_576

function collect(): { add(text: string): void; text(): string } {
  const parts: string[] = []
  let length = 0
  return {
    add(text) {
      length += text.length
      if (length > maxLength) throw new TemplateError('execute', 'the output is longer than a megabyte')
      parts.push(text)
    },
    text: () => parts.join(''),
  }
}

/**
 * Renders HTML: every value is escaped for the place it stands in, HTML comments are left out.
 * @throws TemplateError execute
 */
export function renderHtml(template: Template, data: unknown): string {
  const out = collect()
  const html = trackHtml()
  evaluate(template, data, {
    text: (text) => out.add(html.literal(text)),
    value(value) {
      const escaped = escapeFor(html.place(), value)
      html.wrote(escaped)
      out.add(escaped)
    },
  })
  return out.text()
}

/**
 * Renders plain text: values as they are.
 * @throws TemplateError execute
 */
export function renderText(template: Template, data: unknown): string {
  const out = collect()
  evaluate(template, data, { text: out.add, value: (value) => out.add(formatValue(value)) })
  return out.text()
}
