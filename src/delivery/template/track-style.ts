// Follows style sheets: strings, URLs and comments.
import { failExecution } from './error.ts'
import type { Tracker, UrlPart } from './place.ts'
import { urlPartAfter } from './url-tracker.ts'

/** Where in a style sheet: `url` without quotes, strings that stand in `url(…)` or by themselves. */
type State = 'code' | 'string' | 'url' | 'url-string' | 'block-comment' | 'line-comment'

/** A piece of a style sheet that changes the state. */
const marks = /(?<![\w-])url\([\t\n\f\r ]*(["']?)|["']|\/\*|\/\//gi
const lineEnd = /[\n\f\r]/g

/** Starts between declarations or rules. */
export function trackStyle(): Tracker {
  let state: State = 'code'
  let quote = ''
  let part: UrlPart = 'start'

  /** Reads from an offset up to where the state changes; returns what is written and the offset after it. */
  function readCode(text: string, from: number): [string, number] {
    marks.lastIndex = from
    const match = marks.exec(text)
    if (!match) return [text.slice(from), text.length]
    const [mark, urlQuote] = match
    const end = match.index + mark.length
    part = 'start'
    if (mark === '/*' || mark === '//') {
      state = mark === '/*' ? 'block-comment' : 'line-comment'
      return [text.slice(from, match.index), end]
    }
    quote = urlQuote ?? mark
    state = urlQuote === undefined ? 'string' : urlQuote === '' ? 'url' : 'url-string'
    return [text.slice(from, end), end]
  }

  function readInner(text: string, from: number): [string, number] {
    const ends = state === 'url' ? /[\\)"'\t\n\f\r ]/g : /[\\"']/g
    let end = from
    for (;;) {
      ends.lastIndex = end
      const [mark] = ends.exec(text) ?? []
      end = mark === undefined ? text.length : ends.lastIndex
      if (mark === '\\' && ++end > text.length) failExecution('an escape in a style sheet breaks off')
      const isEnd = mark !== undefined && mark !== '\\' && (state === 'url' || mark === quote)
      if (isEnd || mark === undefined) {
        part = urlPartAfter(part, text.slice(from, isEnd ? end - 1 : end))
        if (isEnd) state = 'code'
        return [text.slice(from, end), end]
      }
    }
  }

  function readComment(text: string, from: number): [string, number] {
    if (state === 'block-comment') {
      const end = text.indexOf('*/', from)
      if (end >= 0) state = 'code'
      return [' ', end < 0 ? text.length : end + 2]
    }
    lineEnd.lastIndex = from
    const end = lineEnd.exec(text)?.index
    if (end !== undefined) state = 'code'
    return ['', end ?? text.length]
  }

  return {
    literal(text) {
      let written = ''
      for (let at = 0; at < text.length; ) {
        const read = state === 'code' ? readCode : state.endsWith('comment') ? readComment : readInner
        const [piece, end] = read(text, at)
        written += piece
        at = end
      }
      return written
    },
    language() {
      if (state === 'code') return 'style'
      if (state.endsWith('comment')) return 'nothing'
      return state === 'string' ? { style_string: part } : { url: part }
    },
    wrote() {},
    canEnd: () => true,
  }
}
