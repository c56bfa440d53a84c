// The development inbox: takes every mail over SMTP on loopback and keeps it for the browser and for tests.
import { randomUUID } from 'node:crypto'
import type { SMTPServer } from 'smtp-server'
import { decodeEntities, htmlToText } from '../delivery/html-to-text.ts'
import { systemCode } from '../system-code.ts'
import { answerInbox } from './inbox-answer.ts'
import type { InboxEntry } from './inbox-entry.ts'
import { parseMail } from './parse-mail.ts'

/** A running inbox. */
export interface Inbox {
  smtp_port: number
  /** Answers requests below /__inbox; null for all others. */
  handle(request: Request): Promise<Response | null>
  /** Adds a message that would go to a phone, given without `+`. */
  addSms(message: { phone: string; text: string }): void
  /** What is kept, newest first. */
  entries(): readonly InboxEntry[]
  stop(): Promise<void>
}

/** How to start an inbox. */
export interface InboxOptions {
  /** A loopback address. */
  host: string
  /** First port to try, of twenty; without it any free one. */
  port?: number
  /** Older mails than so many are dropped; 1000 by default. */
  max_mails?: number
}

const maxBytes = 5_000_000
const portsToTry = 20

/**
 * Starts to listen for mail.
 * @throws Error when no port is free
 */
export async function startInbox({ host, port = 0, max_mails = 1000 }: InboxOptions): Promise<Inbox> {
  const entries: InboxEntry[] = []
  const add = (message: Omit<InboxEntry, 'id' | 'at' | 'links' | 'codes'>) => {
    const found = { links: readLinks(message), codes: readCodes(message) }
    entries.unshift({ id: randomUUID(), at: new Date().toISOString(), ...message, ...found })
    entries.splice(max_mails)
  }
  const server = await listen(host, port, (raw, to) => add({ channel: 'mail', to, ...parseMail(raw) }))
  const address = server.server.address()
  return {
    smtp_port: typeof address === 'object' && address ? address.port : 0,
    handle: async (request) => answerInbox(request, entries),
    addSms: ({ phone, text }) => add({ channel: 'sms', from: '', to: [`+${phone}`], subject: text, html: '', text }),
    entries: () => entries,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function listen(host: string, port: number, keep: (raw: string, to: string[]) => void): Promise<SMTPServer> {
  // Loaded on demand: a server that sends mail to others has no need of one that takes it.
  const { SMTPServer: Server } = await import('smtp-server')
  for (let next = port; ; next++) {
    const server = createSmtpServer(Server, keep)
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(next, host, () => resolve())
      })
      server.on('error', () => {}) // a client that hangs up is no concern of the inbox
      return server
    } catch (error) {
      const isTaken = systemCode(error) === 'EADDRINUSE'
      if (!isTaken || port === 0 || next - port >= portsToTry - 1) throw error
    }
  }
}

const createSmtpServer = (Server: typeof SMTPServer, keep: (raw: string, to: string[]) => void): SMTPServer =>
  new Server({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: maxBytes,
    closeTimeout: 500,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => {
        if (!stream.sizeExceeded) chunks.push(chunk)
      })
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error('The mail is too large'), { responseCode: 552 }))
        const to = session.envelope.rcptTo.map(({ address }) => address)
        keep(Buffer.concat(chunks).toString('latin1'), to)
        done()
      })
    },
  })

/** What the HTML links to, or the addresses in a mail or message without HTML. */
function readLinks({ html, text }: { html: string; text: string }): string[] {
  const found =
    html === ''
      ? (text.match(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/gi) ?? [])
      : [...html.matchAll(/\bhref=(["'])(.*?)\1/gi)].map(([, , address = '']) => decodeEntities(address))
  return [...new Set(found)]
}

function readCodes({ subject, html, text }: { subject: string; html: string; text: string }): string[] {
  const words = `${subject} ${html === '' ? text : htmlToText(html)}`.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, ' ')
  return [...new Set(words.match(/(?<![\w+.-])\d{6,10}(?![\w-])/g) ?? [])]
}
