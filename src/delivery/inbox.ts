// The development inbox: takes every mail over SMTP on loopback and shows it in the browser and as JSON.
import { randomBytes, randomUUID } from 'node:crypto'
import { SMTPServer } from 'smtp-server'
import { inboxPage } from './inbox-page.ts'
import { parseMail } from './parse-mail.ts'

/** A mail or message in the inbox. */
export interface InboxEntry {
  id: string
  at: string
  channel: 'mail' | 'sms'
  from: string
  to: string[]
  subject: string
  html: string
  text: string
  /** Addresses in the mail. */
  links: string[]
  /** Numbers that look like codes. */
  codes: string[]
}

/** A running inbox. */
export interface Inbox {
  smtp_port: number
  /** Answers requests below /__inbox; null for all others. */
  handle(request: Request): Promise<Response | null>
  /** Adds a message that would go to a phone. */
  addSms(message: { phone: string; text: string }): void
  entries(): InboxEntry[]
  stop(): Promise<void>
}

const maxEntries = 1000
const path = '/__inbox'

/** Starts to listen for mail on a free port of a loopback address. */
export async function startInbox({ host }: { host: string }): Promise<Inbox> {
  const entries: InboxEntry[] = []
  const add = (entry: Omit<InboxEntry, 'id' | 'at' | 'links' | 'codes'>) => {
    const plain = entry.html.replace(/<[^>]*>/g, ' ')
    const links = [...entry.html.matchAll(/href="([^"]+)"/g)].map(([, address = '']) => decodeEntities(address))
    const codes = [...new Set(`${entry.subject} ${plain} ${entry.html === '' ? entry.text : ''}`.match(/\b\d{6,10}\b/g) ?? [])]
    entries.unshift({ id: randomUUID(), at: new Date().toISOString(), links, codes, ...entry })
    entries.length = Math.min(entries.length, maxEntries)
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    size: 5_000_000,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        add({ channel: 'mail', to, ...parseMail(Buffer.concat(chunks).toString('latin1')) })
        done()
      })
    },
  })
  server.on('error', () => {}) // a client that hangs up is no concern of the inbox
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => resolve())
  })
  const address = server.server.address()
  return {
    smtp_port: typeof address === 'object' && address ? address.port : 0,
    handle: async (request) => answer(request, entries),
    addSms: ({ phone, text }) => add({ channel: 'sms', from: '', to: [`+${phone}`], subject: text, html: '', text }),
    entries: () => entries,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const decodeEntities = (text: string): string =>
  text.replace(/&amp;|&#38;/g, '&').replace(/&#43;/g, '+').replace(/&#39;/g, "'").replace(/&#34;|&quot;/g, '"')

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host)

/** Only pages of this machine may read it: a foreign name that leads here, or a foreign page, is refused. */
function isForeign(request: Request): boolean {
  const host = request.headers.get('host') ?? new URL(request.url).host
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  return !isLoopback(host) || (origin !== null && origin !== `http://${host}`) || site === 'cross-site'
}

function answer(request: Request, entries: InboxEntry[]): Response | null {
  const url = new URL(request.url)
  if (url.pathname !== path && !url.pathname.startsWith(`${path}/`)) return null
  const json = (value: unknown, status = 200) =>
    new Response(JSON.stringify(value), {
      status,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    })
  if (isForeign(request)) return json({ error: 'the inbox answers only pages of this machine' }, 403)
  const rest = url.pathname.slice(path.length).replace(/\/$/, '')
  if (rest === '' && request.method === 'GET') return page()
  const id = /^\/api\/mails\/([\w-]+)$/.exec(rest)?.[1]
  if (rest === '/api/mails' && request.method === 'GET') {
    const to = url.searchParams.get('to')
    return json(to === null ? entries : entries.filter((entry) => entry.to.includes(to)))
  }
  if (rest === '/api/mails' && request.method === 'DELETE') {
    entries.length = 0
    return json({})
  }
  const entry = entries.find((candidate) => candidate.id === id)
  if (id !== undefined && request.method === 'GET') return entry ? json(entry) : json({ error: 'no such mail' }, 404)
  return json({ error: 'no such page' }, 404)
}

function page(): Response {
  const nonce = randomBytes(16).toString('base64')
  return new Response(inboxPage(nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
}
