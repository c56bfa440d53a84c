// Sends a mail to try the way that all mails go: into the outbox, and from there to the mail server.
import { randomUUID } from 'node:crypto'
import { serverKey } from '../../config/key-settings.ts'
import type { Config } from '../../config/keys.ts'
import { createServerSealer } from '../../crypto/server-sealer.ts'
import { RefusedMail } from '../../delivery/deliver-mail.ts'
import { createOutbox } from '../../delivery/outbox.ts'
import { createSmtpTransport } from '../../delivery/smtp.ts'
import type { Finding } from '../../flows/doctor/check.ts'
import type { Logger } from '../../log.ts'
import type { Db } from '../../storage/db.ts'
import { openDatabase } from '../../storage/open-database.ts'
import * as store from '../../storage/outbox.ts'

const wait_ms = 60_000
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Queues the mail, and waits until it is sent or the mail server has said why not. */
export async function sendTestMail(options: { config: Config; to: string; canSend: boolean }): Promise<Finding> {
  const { config, to, canSend } = options
  const finding = (problem?: string): Finding => ({
    check: 'test mail',
    problems: problem === undefined ? [] : [`test mail: ${problem}`],
    skipped: false,
  })
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(to)) return finding('--mail must be one e-mail address')
  if (!canSend) return finding('not sent, since configuration or database cannot be used; mend those first')
  if (config.smtp_host === '') return finding('GOTRUE_SMTP_HOST is not set, so there is nowhere to send it')
  const id = randomUUID()
  const db = openDatabase(config)
  const transport = createSmtpTransport(config, silent)
  let refusal: string | undefined
  const outbox = createOutbox({
    db,
    store,
    sealer: createServerSealer(serverKey(config)),
    log: silent,
    send: (mail) =>
      transport.send(mail).catch((error: unknown) => {
        if (mail.id === id && error instanceof RefusedMail) refusal = error.message
        throw error
      }),
  })
  try {
    await store.insertMail(db, {
      id,
      kind: 'test',
      recipient: to,
      user_id: null,
      sealed: sealed(config),
      token_hashes: [],
      expires_in_s: wait_ms / 1000,
    })
    outbox.kick()
    return finding(await outcome(db, id, () => refusal))
  } finally {
    await outbox.stop()
    transport.close()
    await store.deleteMail(db, id)
    await db.close()
  }
}

function sealed(config: Config): string {
  const text = `This is a test mail of ${config.api_external_url}, which postern doctor was asked to send. Nothing has to be done.`
  const mail = { subject: 'Test mail', html: `<p>${text}</p>`, text: config.mail_text ? text : '' }
  return createServerSealer(serverKey(config)).seal(JSON.stringify(mail))
}

/** Waits for the outbox's word; undefined once the mail is sent, also by a server that runs. */
async function outcome(db: Db, id: string, refusal: () => string | undefined): Promise<string | undefined> {
  for (const deadline = Date.now() + wait_ms; Date.now() < deadline; ) {
    const waiting = await store.findMail(db, id)
    if (refusal() !== undefined) return `the mail server refuses it for good: ${refusal()}`
    if (!waiting) return undefined
    if (waiting.last_error !== null) return `the mail server does not take it: ${waiting.last_error}`
    await new Promise((wake) => setTimeout(wake, 100))
  }
  return `it was not sent within ${wait_ms / 1000} s`
}
