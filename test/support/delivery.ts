// The delivery room by itself: on a real database, with short times, sending to a mail server of the test.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { after, afterEach } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { createServerSealer } from '../../src/crypto/server-sealer.ts'
import { createDelivery, type Delivery } from '../../src/delivery/delivery.ts'
import type { MailRequest } from '../../src/delivery/mail-request.ts'
import type { OutboxTimes } from '../../src/delivery/outbox.ts'
import type { Logger } from '../../src/log.ts'
import { mailTextsIn } from '../../src/pages/words/words.ts'
import type { Db } from '../../src/storage/db.ts'
import { storeOneTimeToken } from '../../src/storage/one-time-tokens.ts'
import * as outbox from '../../src/storage/outbox.ts'
import { testDatabase } from './database.ts'
import { type MailSink, startMailSink } from './mail-sink.ts'

/** A delivery with what it logged. */
export interface TestDelivery extends Delivery {
  log: Record<string, unknown>[]
  /** Composes, queues and commits a mail, and starts to send. */
  send(about?: Partial<MailRequest>): Promise<string>
}

/** A database that must not be reached. */
export const noDatabase: Db = {
  query: () => Promise.reject(new Error('no database')),
  lookup: () => Promise.reject(new Error('no database')),
  transaction: () => Promise.reject(new Error('no database')),
  script: () => Promise.reject(new Error('no database')),
  close: () => Promise.resolve(),
}

/** A mail about nobody in particular; `token_hashes` must be stored for it to be sent. */
export const mailAbout = (about: Partial<MailRequest> = {}): MailRequest => ({
  kind: 'confirmation',
  to: 'ada@example.test',
  email: 'ada@example.test',
  user_id: randomUUID(),
  token: '123456',
  token_hash: 'abcdef',
  redirect_to: 'http://site.example',
  external_url: 'http://auth.example.test',
  languages: [],
  data: {},
  expires_in_s: 3600,
  ...about,
})

/** What the tests of a file do with mails: one database for all, and every delivery and mail server ended after each test. */
export async function deliveryRoom() {
  const database = await testDatabase()
  const { db } = database
  const stops: (() => unknown)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop()
    await db.query('delete from postern.outbox')
  })
  after(() => database.drop())
  return {
    db,
    /** Deliveries are stopped before the servers that they hold connections to. */
    stopLast: (stop: () => unknown): void => void stops.unshift(stop),
    async sink(options: Parameters<typeof startMailSink>[0] = {}): Promise<MailSink> {
      const started = await startMailSink(options)
      stops.unshift(() => started.stop())
      return started
    },
    deliver(options: Partial<Parameters<typeof testDelivery>[0]>): TestDelivery {
      const delivery = testDelivery({ db, ...options })
      stops.push(() => delivery.stop())
      return delivery
    },
    rows: (id: string) =>
      db.query<{ attempts: number; last_error: string | null; sealed: string }>(
        'select * from postern.outbox where id = $1',
        [id],
      ),
  }
}

/** Makes a delivery; without a port no mail server is configured. */
export function testDelivery(options: {
  db: Db
  port?: number
  env?: Record<string, string>
  fetch?: typeof globalThis.fetch
  now?: () => number
  times?: Partial<OutboxTimes>
}): TestDelivery {
  const { db, port } = options
  const log: Record<string, unknown>[] = []
  const keep = (level: string) => (fields: object, message?: string) => void log.push({ level, ...fields, message })
  const logger: Logger = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
  const { config } = loadConfig({
    DATABASE_URL: 'postgres://nowhere.example.test/postgres',
    API_EXTERNAL_URL: 'http://auth.example.test',
    GOTRUE_SITE_URL: 'http://site.example',
    GOTRUE_JWT_SECRET: 'test-secret-with-at-least-32-characters',
    GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
    GOTRUE_SMTP_SENDER_NAME: 'Example',
    ...(port !== undefined && { GOTRUE_SMTP_HOST: '127.0.0.1', GOTRUE_SMTP_PORT: String(port) }),
    ...options.env,
  })
  const delivery = createDelivery({
    config,
    db,
    outbox,
    sealer: createServerSealer('a key of the tests'),
    mail_texts: mailTextsIn,
    fetch: options.fetch ?? globalThis.fetch,
    log: logger,
    now: options.now ?? Date.now,
    outbox_times: { poll_ms: 30, backoff_ms: 30, ...options.times },
  })
  return {
    ...delivery,
    log,
    async send(about) {
      const mail = await delivery.composeMail(mailAbout(about))
      await db.transaction((tx) => delivery.enqueueMail(tx, mail))
      delivery.kick()
      return mail.id
    },
  }
}

/** An account with a pending token. */
export async function userWithToken(db: Db, token_hash: string): Promise<string> {
  const user_id = randomUUID()
  await db.query('insert into auth.users (id, aud, email) values ($1, $2, $3)', [
    user_id,
    'authenticated',
    `${user_id}@example.test`,
  ])
  await storeOneTimeToken(db, {
    user_id,
    type: 'confirmation_token',
    token_hash,
    relates_to: 'ada@example.test',
    link_hash: `link of ${token_hash}`,
  })
  return user_id
}

const stops: (() => unknown)[] = []
after(async () => {
  for (const stop of stops.reverse()) await stop()
})

/** Does something once the tests of a file have ended, the last first. */
export const atTheEnd = (stop: () => unknown): void => void stops.push(stop)

/** A site that answers as told until the tests of a file have ended, and the paths that it was asked for. */
export async function site(
  answer: (response: ServerResponse, call: number, path: string) => void,
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(response, asked.length, request.url ?? '')
  }).listen(0, '127.0.0.1')
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  assert(address && typeof address === 'object')
  return { url: `http://127.0.0.1:${address.port}`, asked }
}

/** A delivery that only composes, until the tests of a file have ended. */
export function composer(env: Record<string, string> = {}, now?: () => number): TestDelivery {
  const delivery = testDelivery({ db: noDatabase, env, ...(now && { now }) })
  stops.push(() => delivery.stop())
  return delivery
}
