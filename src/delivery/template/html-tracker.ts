// Follows HTML as it is written, and says what a value at this point stands in.
import { trackAttribute } from './attributes.ts'
import { readEntities } from './entities.ts'
import { failExecution } from './error.ts'
import type { Place, Tracker } from './place.ts'
import { trackScript } from './track-script.ts'
import { trackStyle } from './track-style.ts'
import { trackPlain } from './url-tracker.ts'

/** Follows the HTML of a mail. */
export interface HtmlTracker {
  /** What a value at this point stands in. */
  place(): Place
  /**
   * Takes literal text and returns what to write: comments are left out, a `<` that opens no tag is escaped.
   * @throws TemplateError execute, without a place, for text that mail readers could take in different ways
   */
  literal(text: string): string
  /** Takes a value that was written, already escaped. */
  wrote(text: string): void
  /** @throws TemplateError execute, without a place, when a tag, a comment or a script is left open */
  end(): void
}

/** Where in HTML: text, a comment, an element without tags in it, or the parts of a tag. */
type State = 'text' | 'comment' | 'raw' | 'tag' | 'name' | 'after-name' | 'before-value' | 'value'

/** What has been read so far. */
interface Reading {
  state: State
  /** The element whose opening tag is read, or that the place is in when it has no tags in it; `''` otherwise. */
  element: string
  attribute: string
  quote: '"' | "'" | ''
  /** The value of `type` of a script; null when it is not known before rendering. */
  type: string | null
  /** The language of the attribute or element that is read. */
  tracker: Tracker
}

/** Reads from an offset; returns what is written and the offset after it. */
type Reader = (reading: Reading, text: string, from: number) => [written: string, end: number]

const readers: Record<State, Reader> = {
  text: readText,
  comment: readComment,
  raw: readRaw,
  tag: readTag,
  name: readName,
  'after-name': readAfterName,
  'before-value': readBeforeValue,
  value: readValue,
}

/** Starts in the text of a page. */
export function trackHtml(): HtmlTracker {
  const reading: Reading = {
    state: 'text',
    element: '',
    attribute: '',
    quote: '',
    type: '',
    tracker: trackPlain('plain'),
  }
  return {
    place: () => placeOf(reading),
    literal(text) {
      let written = ''
      for (let at = 0; at < text.length; ) {
        const [piece, end] = readers[reading.state](reading, text, at)
        written += piece
        at = end
      }
      return written
    },
    wrote(text) {
      const { state } = reading
      if (state === 'name') reading.attribute += text
      else if (state === 'tag' || state === 'after-name') startName(reading, text)
      else if (state === 'before-value') startValue(reading, '')
      if (reading.state === 'value' && reading.attribute.toLowerCase() === 'type') reading.type = null
      if (reading.state === 'value' || reading.state === 'raw') reading.tracker.wrote()
    },
    end() {
      if (reading.state !== 'text') failExecution('a tag, a comment or a script is left open at the end')
    },
  }
}

function placeOf(reading: Reading): Place {
  const { state } = reading
  if (state === 'text') return { language: 'text', quote: null }
  if (state === 'comment') return { language: 'nothing', quote: null }
  if (state === 'raw') return { language: reading.tracker.language(), quote: null }
  if (state === 'value') return { language: reading.tracker.language(), quote: reading.quote }
  if (state !== 'before-value') return { language: 'name', quote: null }
  return { language: trackAttribute(reading.element, reading.attribute).language(), quote: '' }
}

const tagStart = /<(\/?)([a-zA-Z][a-zA-Z\d]*(?:[:-][a-zA-Z\d]+)*)/y

function readText(reading: Reading, text: string, from: number): [string, number] {
  const open = text.indexOf('<', from)
  if (open < 0) return [text.slice(from), text.length]
  const before = text.slice(from, open)
  if (text.startsWith('<!--', open)) {
    reading.state = 'comment'
    return [before, open + 4]
  }
  tagStart.lastIndex = open
  const [whole, slash, name = ''] = tagStart.exec(text) ?? []
  if (whole === undefined) {
    const isDoctype = text.slice(open, open + 9).toLowerCase() === '<!doctype'
    return [`${before}${isDoctype ? '<' : '&lt;'}`, open + 1]
  }
  reading.state = 'tag'
  reading.element = slash === '' ? name.toLowerCase() : ''
  reading.type = ''
  return [before + whole, tagStart.lastIndex]
}

function readComment(reading: Reading, text: string, from: number): [string, number] {
  const end = text.indexOf('-->', from)
  if (end < 0) return ['', text.length]
  reading.state = 'text'
  return ['', end + 3]
}

const inTag = /[\s/]*/y

function readTag(reading: Reading, text: string, from: number): [string, number] {
  inTag.lastIndex = from
  const spaces = inTag.exec(text)?.[0] ?? ''
  const end = from + spaces.length
  if (end === text.length) return [spaces, end]
  if (text[end] === '>') {
    endTag(reading)
    return [`${spaces}>`, end + 1]
  }
  if (text[end] === '=') failExecution('the name of an attribute is missing before =')
  startName(reading, '')
  return [spaces, end]
}

function startName(reading: Reading, name: string): void {
  reading.state = 'name'
  reading.attribute = name
}

const attributeName = /[^\s/>=]*/y

function readName(reading: Reading, text: string, from: number): [string, number] {
  attributeName.lastIndex = from
  const name = attributeName.exec(text)?.[0] ?? ''
  if (/["'<]/.test(name)) failExecution(`the name of an attribute cannot have ${/["'<]/.exec(name)?.[0]} in it`)
  reading.attribute += name
  if (from + name.length < text.length) reading.state = 'after-name'
  return [name, from + name.length]
}

const spaces = /\s*/y

function readAfterName(reading: Reading, text: string, from: number): [string, number] {
  spaces.lastIndex = from
  const end = from + (spaces.exec(text)?.[0].length ?? 0)
  if (end === text.length) return [text.slice(from), end]
  reading.state = text[end] === '=' ? 'before-value' : 'tag'
  return text[end] === '=' ? [text.slice(from, end + 1), end + 1] : [text.slice(from, end), end]
}

function readBeforeValue(reading: Reading, text: string, from: number): [string, number] {
  spaces.lastIndex = from
  const end = from + (spaces.exec(text)?.[0].length ?? 0)
  const mark = text[end]
  if (mark === undefined || mark === '>') {
    if (mark) reading.state = 'tag'
    return [text.slice(from, end), end]
  }
  const isQuote = mark === '"' || mark === "'"
  startValue(reading, isQuote ? mark : '')
  return [text.slice(from, end) + (isQuote ? mark : ''), isQuote ? end + 1 : end]
}

function startValue(reading: Reading, quote: '"' | "'" | ''): void {
  reading.state = 'value'
  reading.quote = quote
  reading.tracker = trackAttribute(reading.element, reading.attribute)
}

function readValue(reading: Reading, text: string, from: number): [string, number] {
  const { quote } = reading
  const found = quote === '' ? from + text.slice(from).search(/[\s>]|$/) : text.indexOf(quote, from)
  const end = found < 0 ? text.length : found
  const value = text.slice(from, end)
  if (quote === '' && /["'<=`]/.test(value))
    failExecution('an attribute without quotes has a mark in it that needs them')
  reading.tracker.literal(readEntities(value))
  if (reading.type !== null && reading.attribute.toLowerCase() === 'type') reading.type += value
  if (end === text.length) return [value, end]
  reading.state = 'tag'
  return [value + quote, end + quote.length]
}

/** Types of scripts that browsers run, or read as JSON; the others are shown or read as HTML by someone's own code. */
const scriptType =
  /^(?:|module|(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:javascript1\.[0-5]|jscript|livescript)|application\/(?:ld\+)?json)$/

function endTag(reading: Reading): void {
  const { element, type } = reading
  const [mimeType = ''] = type?.toLowerCase().split(';') ?? []
  reading.state = 'raw'
  if (element === 'script' && (type === null || scriptType.test(mimeType.trim()))) reading.tracker = trackScript()
  else if (element === 'style') reading.tracker = trackStyle()
  else if (element === 'title' || element === 'textarea') reading.tracker = trackTagless
  else reading.state = 'text'
}

/** Text in which nothing is a tag. */
const trackTagless: Tracker = {
  literal: (text) => text.replaceAll('<', '&lt;'),
  language: () => 'text',
  wrote() {},
  canEnd: () => true,
}

/** An element that only its own end tag ends. */
function readRaw(reading: Reading, text: string, from: number): [string, number] {
  const endTag = new RegExp(`</${reading.element}(?=[\\s/>]|$)`, 'gi')
  endTag.lastIndex = from
  const match = endTag.exec(text)
  const start = match?.index ?? text.length
  const written = reading.tracker.literal(text.slice(from, start))
  if (!match) return [written, text.length]
  if (!reading.tracker.canEnd()) return [written + reading.tracker.literal(match[0]), endTag.lastIndex]
  reading.state = 'text'
  return [written, start]
}
