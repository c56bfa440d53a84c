// Messages that wallets sign to sign in: Sign-In with Ethereum (EIP-4361) and the same form for Solana.

/** What a message says; times in milliseconds since the epoch. */
export interface WalletMessage {
  domain: string
  /** As written. */
  address: string
  statement: string | null
  uri: string
  /** The Chain ID; `''` without one. */
  network: string
  issued_ms: number
  expires_ms: number | null
  not_before_ms: number | null
}

/** How the messages of a chain differ from those of others. */
export interface MessageForm {
  /** Begins each problem. */
  name: string
  title: string
  address: RegExp
  bad_address: string
  isNetwork(text: string): boolean
}

/** Why a text is no message to sign in with. */
export class WalletMessageError extends Error {}

const domainForm = /^(localhost|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,})(:\d{1,5})?$/
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** An address of any scheme, or a path of the site (RFC 3986). */
const isUri = (text: string): boolean =>
  text.startsWith('/') || (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) && URL.canParse(text))

/**
 * Reads a message.
 * @throws WalletMessageError
 */
export function readWalletMessage(text: string, form: MessageForm): WalletMessage {
  const problem = (sentence: string) => new WalletMessageError(`${form.name}: ${sentence}`)
  const lines = text.split('\n')
  if (lines.length < 6) throw problem('message needs at least 6 lines')
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = lines
  const ending = ` wants you to sign in with your ${form.title} account:`
  if (!first.endsWith(ending)) throw problem(`message first line does not end in "${ending}"`)
  const domain = first.slice(0, -ending.length).trim()
  if (!domainForm.test(domain)) throw problem('domain in first line of message is not valid')
  const address = second.trim()
  if (!form.address.test(address)) throw problem(form.bad_address)
  if (third !== '') throw problem('third line must be empty')
  const statement = fourth !== '' && fifth === '' ? fourth : null
  const fields = readFields(lines, statement === null ? 3 : 5, problem)

  const time = (name: string): number | null => {
    const value = fields.get(name)
    if (value === undefined) return null
    const ms = timeForm.test(value) ? Date.parse(value) : Number.NaN
    if (Number.isNaN(ms)) throw problem(`${name} is not a valid ISO8601 timestamp`)
    return ms
  }
  const uri = fields.get('URI')
  if (uri !== undefined && !isUri(uri)) throw problem('URI is not valid')
  const network = fields.get('Chain ID')
  if (network !== undefined && !form.isNetwork(network)) throw problem('Chain ID is not valid')
  const issued_ms = time('Issued At')
  const expires_ms = time('Expiration Time')
  const not_before_ms = time('Not Before')
  const version = fields.get('Version') ?? ''
  if (version !== '1') throw problem(`Version value is not supported, expected 1 got "${version}"`)
  if (issued_ms === null) throw problem('Issued At is not specified')
  if (uri === undefined) throw problem('URI is not specified')
  if (expires_ms !== null && issued_ms > expires_ms) throw problem('Issued At is after Expiration Time')
  if (expires_ms !== null && not_before_ms !== null && not_before_ms > expires_ms)
    throw problem('Not Before is after Expiration Time')
  return { domain, address, statement, uri, network: network ?? '', issued_ms, expires_ms, not_before_ms }
}

/** The `Key: value` lines, the last of each key; the list of resources is only checked. */
function readFields(lines: string[], start: number, problem: (sentence: string) => Error): Map<string, string> {
  const fields = new Map<string, string>()
  let resource = -1
  for (const [index, untrimmed] of lines.entries()) {
    const line = untrimmed.trim()
    if (index < start) continue
    if (resource >= 0 && line.startsWith('- ')) {
      if (!isUri(line.slice(2).trim())) throw problem(`Resource at position ${resource} has invalid URI`)
      resource++
      continue
    }
    resource = line === 'Resources:' ? Math.max(resource, 0) : -1
    if (line === '' || resource >= 0) continue
    const colon = line.indexOf(':')
    if (colon < 0) throw problem(`encountered unparsable line at index ${index}`)
    fields.set(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return fields
}
