// A real SMTP server that keeps what it gets.
import { SMTPServer } from 'smtp-server'
import { parseMail } from '../../src/dev/parse-mail.ts'

/** A mail that arrived. */
export interface SunkMail {
  to: string[]
  from: string
  subject: string
  html: string
  text: string
  raw: string
}

/** A running sink. */
export interface MailSink {
  port: number
  mails: SunkMail[]
  /** Waits for a mail to an address that was not taken yet, and takes it. */
  next(to: string, subject?: string): Promise<SunkMail>
  stop(): Promise<void>
}

/** Starts on a free port, or on a given one; `accept` may refuse or stall a mail. */
export async function startMailSink(
  options: { port?: number; accept?: (to: string[]) => Promise<void> | void } = {},
): Promise<MailSink> {
  const mails: SunkMail[] = []
  const taken = new Set<SunkMail>()
  const waiting = new Set<() => void>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) => done(null, { user: 'any' }),
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', async () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        try {
          await options.accept?.(to)
        } catch (error) {
          return done(error as Error)
        }
        const raw = Buffer.concat(chunks).toString('latin1')
        mails.push({ to, raw, ...parseMail(raw) })
        for (const wake of waiting) wake()
        done()
      })
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve())
  })
  // From here on an error is of one connection, such as a client that hangs up.
  server.on('error', () => {})
  const address = server.server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    mails,
    async next(to, subject) {
      const deadline = Date.now() + 30_000
      for (;;) {
        const mail = mails.find(
          (candidate) =>
            candidate.to.includes(to) &&
            !taken.has(candidate) &&
            (subject === undefined || candidate.subject === subject),
        )
        if (mail) {
          taken.add(mail)
          return mail
        }
        if (Date.now() > deadline) throw new Error(`no mail to ${to} within half a minute`)
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake)
            clearTimeout(timer)
            resolve()
          }
          const timer = setTimeout(wake, 500)
          waiting.add(wake)
        })
      }
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The first link of a mail. */
export function linkOf(mail: Pick<SunkMail, 'html'>): string {
  const href = /href="([^"]+)"/.exec(mail.html)?.[1]
  if (href === undefined) throw new Error('the mail has no link')
  return href.replaceAll('&amp;', '&')
}
