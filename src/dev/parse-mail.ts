// Reads the mails that this server sends: headers, parts, encodings (RFC 2045, RFC 2047).

/** What the inbox shows of a mail. */
export interface ParsedMail {
  from: string
  subject: string
  html: string
  text: string
}

type Headers = Record<string, string>

/** Reads a mail whose bytes are characters of the text (latin1). */
export function parseMail(raw: string): ParsedMail {
  const { headers, body } = split(raw)
  const found = { html: '', text: '' }
  collect(headers, body, found, 0)
  return { from: decodeWords(headers.from ?? ''), subject: decodeWords(headers.subject ?? ''), ...found }
}

function split(raw: string): { headers: Headers; body: string } {
  const normal = raw.replaceAll('\r\n', '\n')
  const gap = normal.indexOf('\n\n')
  const head = (gap < 0 ? normal : normal.slice(0, gap)).replace(/\n[ \t]+/g, ' ')
  const headers: Headers = Object.create(null)
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { headers, body: gap < 0 ? '' : normal.slice(gap + 2) }
}

function collect(headers: Headers, body: string, found: { html: string; text: string }, depth: number): void {
  const type = headers['content-type'] ?? 'text/plain'
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1]
  if (boundary !== undefined && depth < 5) {
    for (const piece of body.split(`--${boundary}`).slice(1, -1)) {
      const part = split(piece.replace(/^\n/, ''))
      collect(part.headers, part.body, found, depth + 1)
    }
    return
  }
  const text = decode(body, headers['content-transfer-encoding'] ?? '')
  if (/^text\/html/i.test(type)) found.html ||= text
  else found.text ||= text
}

function decode(body: string, encoding: string): string {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('utf8')
  if (/quoted-printable/i.test(encoding)) return fromQuoted(body.replace(/=\n/g, ''))
  return Buffer.from(body, 'latin1').toString('utf8')
}

const fromQuoted = (text: string): string =>
  Buffer.from(
    text.replace(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    'latin1',
  ).toString('utf8')

const decodeWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString('utf8') : fromQuoted(word.replaceAll('_', ' ')),
    )
