// Which addresses a flow may send a browser to: the site's own, and the globs of GOTRUE_URI_ALLOW_LIST.

type GlobToken =
  | { kind: 'text'; character: string }
  | { kind: 'any' }
  | { kind: 'run' }
  | { kind: 'runAll' }
  | { kind: 'class'; negated: boolean; ranges: [string, string][] }

const isSeparator = (character: string): boolean => character === '.' || character === '/'
const isLoopbackName = (host: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]'].includes(host) || host.endsWith('.localhost')
const maxAlternatives = 256

/** Whether a redirect may lead to an address; what is checked is exactly the text that is used. */
export function isAllowedRedirect(address: string, site_url: string, allow_list: readonly string[]): boolean {
  if (address === '' || address.length > 8192) return false
  const url = URL.canParse(address) ? new URL(address) : null
  // An address that a browser would read otherwise than it is written could slip past a glob.
  if (url === null) return false
  if (url.username !== '' || url.password !== '' || /[\s\\]/.test(address) || hasControl(address)) return false
  if (isOfSite(url, site_url)) return true
  const host = url.hostname
  if (/^\d+$/.test(rawHost(address))) return false
  const isAddress = host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
  if (isAddress) return isLoopbackName(host) || host.startsWith('127.')
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  if (isWeb && !/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(rawHost(address))) return false
  const text = address.split('#')[0] ?? ''
  return allow_list.some((glob) => matchesGlob(glob, text))
}

function isOfSite(url: URL, site_url: string): boolean {
  if (!URL.canParse(site_url)) return false
  const site = new URL(site_url)
  if (url.protocol !== site.protocol || url.hostname !== site.hostname || url.hostname === '') return false
  return url.port === site.port || isLoopbackName(url.hostname)
}

/** The host as it is written, before a parser rewrites numbers to addresses. */
const rawHost = (address: string): string => /^[a-z][a-z0-9+.-]*:\/\/([^/?#:]*)/i.exec(address)?.[1] ?? ''
const hasControl = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text)

/** Whether a glob matches a whole text; `.` and `/` separate. Time is bounded by the product of their lengths. */
export function matchesGlob(glob: string, text: string): boolean {
  return expandBraces(glob).some((alternative) => matchTokens(tokenise(alternative), text))
}

function expandBraces(glob: string): string[] {
  const waiting = [glob]
  const done: string[] = []
  while (waiting.length > 0 && done.length + waiting.length <= maxAlternatives) {
    const next = waiting.pop() ?? ''
    const [open, close] = findBraces(next)
    if (open < 0) done.push(next)
    else
      for (const part of splitAlternatives(next.slice(open + 1, close)))
        waiting.push(next.slice(0, open) + part + next.slice(close + 1))
  }
  return done
}

function findBraces(glob: string): [number, number] {
  let open = -1
  let depth = 0
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i]
    if (character === '\\') i++
    else if (character === '{') {
      if (depth++ === 0) open = i
    } else if (character === '}' && depth > 0 && --depth === 0) return [open, i]
  }
  return [-1, -1]
}

function splitAlternatives(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character === '\\' ? character + (text[++i] ?? '') : character
  }
  return parts
}

function tokenise(glob: string): GlobToken[] {
  const tokens: GlobToken[] = []
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i] ?? ''
    if (character === '*') {
      if (glob[i + 1] === '*') {
        tokens.push({ kind: 'runAll' })
        while (glob[i + 1] === '*') i++
      } else tokens.push({ kind: 'run' })
    } else if (character === '?') tokens.push({ kind: 'any' })
    else if (character === '[' && glob.indexOf(']', i + 2) > 0) {
      const end = glob.indexOf(']', i + 2)
      tokens.push(characterClass(glob.slice(i + 1, end)))
      i = end
    } else tokens.push({ kind: 'text', character: character === '\\' ? (glob[++i] ?? '') : character })
  }
  return tokens
}

function characterClass(body: string): GlobToken {
  const negated = body.startsWith('!') || body.startsWith('^')
  const ranges: [string, string][] = []
  const members = negated ? body.slice(1) : body
  for (let i = 0; i < members.length; i++) {
    const from = members[i] ?? ''
    if (members[i + 1] === '-' && i + 2 < members.length) {
      ranges.push([from, members[i + 2] ?? from])
      i += 2
    } else ranges.push([from, from])
  }
  return { kind: 'class', negated, ranges }
}

/** Runs all ways to match at once: `reached[i]` is whether the first i tokens match what was read so far. */
function matchTokens(tokens: GlobToken[], text: string): boolean {
  let reached = closure(tokens, [true, ...tokens.map(() => false)])
  for (const character of text) {
    const next: boolean[] = [false, ...tokens.map(() => false)]
    tokens.forEach((token, i) => {
      if (!reached[i]) return
      if (token.kind === 'runAll' || (token.kind === 'run' && !isSeparator(character))) next[i] = true
      else if (accepts(token, character)) next[i + 1] = true
    })
    reached = closure(tokens, next)
  }
  return reached[tokens.length] === true
}

function closure(tokens: GlobToken[], reached: boolean[]): boolean[] {
  tokens.forEach((token, i) => {
    if (reached[i] && (token.kind === 'run' || token.kind === 'runAll')) reached[i + 1] = true
  })
  return reached
}

function accepts(token: GlobToken, character: string): boolean {
  if (token.kind === 'text') return token.character === character
  if (token.kind === 'any') return !isSeparator(character)
  if (token.kind === 'class')
    return token.ranges.some(([from, to]) => from <= character && character <= to) !== token.negated
  return false
}
