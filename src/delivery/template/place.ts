// The places in HTML that a value can stand in.

/** Within a URL: where its scheme could be, before its query, or in its query or fragment. */
export type UrlPart = 'start' | 'path' | 'query'

/** What language a value stands in, apart from quotes around it. */
export type Language =
  | 'text' // between tags
  | 'name' // a name of an attribute, or what could become one
  | 'plain' // an attribute without a language of its own
  | 'nothing' // a comment
  | 'srcset'
  | 'refresh' // the URL in the content of a meta element
  | 'script'
  | 'script-string'
  | 'script-template' // between backquotes
  | 'script-pattern' // a regular expression
  | 'style'
  | { url: UrlPart }
  | { style_string: UrlPart } // may turn out to be a URL, as after @import

/** A place: its language, and what quotes the attribute around it: null outside attributes, `''` for none. */
export interface Place {
  language: Language
  quote: '"' | "'" | '' | null
}

/** Follows text in one language. */
export interface Tracker {
  /** Takes literal text, and returns it as it is to be written in an element of its own: without comments. */
  literal(text: string): string
  /** What a value at this point stands in. */
  language(): Language
  /** A value has been written. */
  wrote(): void
  /** Whether an end tag at this point ends the element; not so in what is left out or escaped. */
  canEnd(): boolean
}
