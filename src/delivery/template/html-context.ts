// Follows HTML as it is written and says what a value at this point has to be escaped for.

/** Kinds of places in HTML. */
export type Place =
  | { kind: 'text' }
  | { kind: 'title' }
  | { kind: 'script' }
  | { kind: 'style' }
  | { kind: 'tag' }
  | { kind: 'attribute'; type: 'plain' | 'url' | 'script' | 'style'; quote: '"' | "'" | ''; written: string }

/** Follows literal text; comments are left out of what it returns. */
export interface HtmlTracker {
  place(): Place
  /** Takes literal text and returns what to write. */
  literal(text: string): string
  /** Takes a value that was written, already escaped. */
  wrote(text: string): void
}

const urlAttributes = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'cite',
  'data',
  'poster',
  'background',
  'manifest',
  'longdesc',
  'usemap',
  'profile',
  'codebase',
  'classid',
  'archive',
  'icon',
  'srcset',
  'xlink:href',
])

function attributeType(name: string): 'plain' | 'url' | 'script' | 'style' {
  const bare = name.toLowerCase().replace(/^data-/, '')
  if (bare.startsWith('on')) return 'script'
  if (bare === 'style') return 'style'
  if (urlAttributes.has(bare) || /src|uri|url/.test(bare)) return 'url'
  return 'plain'
}

/** Starts in the text of a page. */
export function trackHtml(): HtmlTracker {
  let state: 'text' | 'comment' | 'tagName' | 'tag' | 'attributeName' | 'beforeValue' | 'value' | 'raw' = 'text'
  let element = ''
  let attribute = ''
  let quote: '"' | "'" | '' = ''
  let written = ''

  const rawElements: Record<string, Place> = {
    script: { kind: 'script' },
    style: { kind: 'style' },
    title: { kind: 'title' },
    textarea: { kind: 'title' },
  }
  const place = (): Place => {
    if (state === 'raw') return rawElements[element] ?? { kind: 'text' }
    if (state === 'value' || state === 'beforeValue')
      return { kind: 'attribute', type: attributeType(attribute), quote, written }
    if (state === 'text' || state === 'comment') return { kind: 'text' }
    return { kind: 'tag' }
  }
  const endTag = () => {
    state = Object.hasOwn(rawElements, element) ? 'raw' : 'text'
  }

  function literal(text: string): string {
    let out = ''
    for (let i = 0; i < text.length; i++) {
      const c = text[i] ?? ''
      if (state === 'comment') {
        const end = text.indexOf('-->', i)
        if (end < 0) return out
        i = end + 2
        state = 'text'
        continue
      }
      if (state === 'text' && text.startsWith('<!--', i)) {
        state = 'comment'
        i += 3
        continue
      }
      out += c
      follow(c, text, i)
    }
    return out
  }

  function follow(c: string, text: string, i: number): void {
    if (state === 'text') {
      if (c === '<' && /[a-zA-Z/!]/.test(text[i + 1] ?? '')) {
        state = 'tagName'
        element = ''
      }
    } else if (state === 'raw') {
      if (c === '<' && text.slice(i + 1, i + 2 + element.length).toLowerCase() === `/${element}`) {
        state = 'tagName'
        element = ''
      }
    } else if (state === 'tagName') {
      if (c === '>') endTag()
      else if (/\s/.test(c)) state = 'tag'
      else element += c.toLowerCase()
    } else if (state === 'tag') {
      if (c === '>') endTag()
      else if (c === '=') state = 'beforeValue'
      else if (!/[\s/]/.test(c)) {
        state = 'attributeName'
        attribute = c
      }
    } else if (state === 'attributeName') {
      if (c === '>') endTag()
      else if (c === '=') beginValue()
      else if (/\s/.test(c)) state = 'tag'
      else attribute += c
    } else if (state === 'beforeValue') {
      if (c === '"' || c === "'") {
        quote = c
        state = 'value'
      } else if (c === '>') endTag()
      else if (!/\s/.test(c)) {
        state = 'value'
        written = c
      }
    } else if (quote === '' ? /[\s>]/.test(c) : c === quote) {
      if (c === '>') endTag()
      else state = 'tag'
    } else written += c
  }

  function beginValue(): void {
    state = 'beforeValue'
    quote = ''
    written = ''
  }

  return {
    place,
    literal,
    wrote(text) {
      if (state === 'beforeValue') state = 'value'
      if (state === 'value') written += text
    },
  }
}
