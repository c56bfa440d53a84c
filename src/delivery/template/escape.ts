// Escapes a value for the place in HTML that it stands in.

import { escapeHtml } from '../../escape-html.ts'
import { failExecution } from './error.ts'
import { escapeBare, escapeText, filterName } from './escape-html.ts'
import { escapePattern, escapeScriptText, escapeTemplate, toScript } from './escape-script.ts'
import { escapeStyleText, filterStyle } from './escape-style.ts'
import { escapeUrl, filterSources, filterUrl, normaliseUrl } from './escape-url.ts'
import type { PredefinedEscaper } from './evaluate-pipeline.ts'
import { printed } from './format.ts'
import type { Language, Place, UrlPart } from './place.ts'
import { escapeQuery } from './text-escapers.ts'

/** A step of escaping; `like` names the escaping function that a template can put in its place. */
interface Step {
  apply(value: unknown): string
  like?: PredefinedEscaper
}

const step = (apply: (text: string) => string, like?: PredefinedEscaper): Step => ({
  apply: (value) => apply(printed(value)),
  ...(like && { like }),
})
const text = step(escapeText, 'html')
const bare = step(escapeBare, 'html')
const url = step(normaliseUrl, 'urlquery')
const urlParts: Record<UrlPart, Step[]> = {
  start: [step(filterUrl), url],
  path: [url],
  query: [step(escapeUrl, 'urlquery')],
}
const styleParts: Record<UrlPart, Step[]> = {
  start: [step(filterUrl), step(escapeStyleText)],
  path: [step(escapeStyleText)],
  query: urlParts.query,
}
const languages: Record<Extract<Language, string>, Step[]> = {
  text: [text],
  name: [step(filterName)],
  plain: [],
  nothing: [step(() => '')],
  srcset: [step(filterSources)],
  refresh: [step(filterUrl)],
  script: [{ apply: toScript }],
  'script-string': [step(escapeScriptText)],
  'script-template': [step(escapeTemplate)],
  'script-pattern': [step(escapePattern)],
  style: [step(filterStyle)],
}
const predefined: Record<PredefinedEscaper, Step> = { html: step(escapeHtml), urlquery: step(escapeQuery) }

function stepsFor({ language, quote }: Place): Step[] {
  const steps =
    typeof language === 'string'
      ? languages[language]
      : 'url' in language
        ? urlParts[language.url]
        : styleParts[language.style_string]
  return quote === null ? steps : [...steps, quote === '' ? bare : text]
}

/**
 * The value as the place needs it. An escaping function of the template takes the place of the steps that do the same,
 * and comes before the others when there are none.
 * @throws TemplateError execute, without a place, where `html` would not be enough
 */
export function escapeFor(place: Place, value: unknown, escaper: PredefinedEscaper | null): string {
  if (escaper === 'html' && place.quote === '' && place.language === 'plain')
    failExecution('html does not make a value safe in an attribute without quotes')
  const steps = stepsFor(place)
  const own = escaper && predefined[escaper]
  const isLike = steps.some(({ like }) => like === escaper)
  const all = own && !isLike ? [own, ...steps] : steps.map((one) => (own && one.like === escaper ? own : one))
  return printed(all.reduce((result, { apply }) => apply(result), value))
}
