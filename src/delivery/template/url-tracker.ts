// Follows URLs, in attributes and in style sheets, and attributes that hold several or none.
import type { Tracker, UrlPart } from './place.ts'

/** The part of a URL after some more of it. */
export function urlPartAfter(part: UrlPart, text: string): UrlPart {
  if (/[?#]/.test(text)) return 'query'
  return part === 'start' && text.trim() !== '' ? 'path' : part
}

/** A URL; a value at its start leaves what comes next at the start, since it may be empty. */
export function trackUrl(): Tracker {
  let part: UrlPart = 'start'
  return {
    literal(text) {
      part = urlPartAfter(part, text)
      return text
    },
    language: () => ({ url: part }),
    wrote() {},
    canEnd: () => true,
  }
}

/** An attribute that is the same all through. */
export const trackPlain = (language: 'plain' | 'srcset'): Tracker => ({
  literal: (text) => text,
  language: () => language,
  wrote() {},
  canEnd: () => true,
})

/** The content of a meta element, which may say `5; url=…`. */
export function trackRefresh(): Tracker {
  let isUrl = false
  let before = ''
  return {
    literal(text) {
      before = (before + text).slice(-maxUrlName)
      for (const [mark] of (before.length > text.length ? before : text).matchAll(/url\s*=|;/gi)) isUrl = mark !== ';'
      return text
    },
    language: () => (isUrl ? 'refresh' : 'plain'),
    wrote() {
      before = ''
    },
    canEnd: () => true,
  }
}

/** Enough for `url =` in two pieces. */
const maxUrlName = 64
