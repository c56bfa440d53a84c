// Sending over SMTP: mail servers that refuse, for now or for good, and how a login is made.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { deliveryRoom } from '../support/delivery.ts'
import { until } from '../support/process.ts'

const { db, sink, deliver, rows, stopLast } = await deliveryRoom()

/** A mail server of its own making. */
async function smtpServer(options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({ disabledCommands: ['STARTTLS'], authOptional: true, ...options })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  stopLast(() => new Promise<void>((done) => server.close(() => done())))
  const address = server.server.address()
  assert(address && typeof address === 'object')
  return address.port
}

const smtpError = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

test('a recipient who is refused for good is dropped; the log names the domain, not the address', async () => {
  const port = await smtpServer({
    onRcptTo: ({ address }, _session, done) => done(smtpError(550, `No such person: ${address}`)),
  })
  const delivery = deliver({ port })
  const id = await delivery.send({ to: 'ada.lovelace@refused.example' })
  await delivery.idle()
  assert.deepEqual(await rows(id), [])
  const [line] = delivery.log
  assert.equal(line?.level, 'error')
  assert.equal(line?.domain, 'refused.example')
  assert.match(String(line?.err), /550/)
  assert.doesNotMatch(`${String(line?.err)} ${JSON.stringify(line)}`, /lovelace/)
})

test('a mail that is refused for now is tried again, and holds up no other', async () => {
  let greylisted = 0
  const mails = await sink({
    accept(to) {
      if (to.includes('slow@example.test') && ++greylisted < 3) throw smtpError(451, 'come back later')
    },
  })
  const delivery = deliver({ port: mails.port })
  await delivery.send({ to: 'slow@example.test' })
  for (let n = 0; n < 30; n++) await delivery.send({ to: `quick${n}@example.test` })
  for (let n = 0; n < 30; n++) await mails.next(`quick${n}@example.test`)
  await mails.next('slow@example.test')
  assert.equal(greylisted, 3)
})

test('a sender who is refused is a fault of the configuration: the mail is kept', async () => {
  const port = await smtpServer({ onMailFrom: (_address, _session, done) => done(smtpError(550, 'not you')) })
  const delivery = deliver({ port })
  const id = await delivery.send()
  await until('a failed attempt', async () => (await rows(id)).some(({ attempts }) => attempts > 0))
})

for (const [offered, method] of [
  [['PLAIN', 'LOGIN', 'CRAM-MD5'], 'CRAM-MD5'],
  [['LOGIN', 'PLAIN'], 'PLAIN'],
  [['LOGIN'], 'LOGIN'],
] as const) {
  test(`of ${offered.join(', ')} the login is by ${method}`, async () => {
    const logins: unknown[] = []
    const port = await smtpServer({
      authOptional: false,
      authMethods: [...offered],
      allowInsecureAuth: true,
      onAuth(auth, session, done) {
        const isRight = auth.method === 'CRAM-MD5' ? auth.validatePassword('pass word') : auth.password === 'pass word'
        logins.push([auth.method, auth.username, isRight, session.hostNameAppearsAs])
        done(isRight ? null : smtpError(535, 'no'), { user: 'mailer' })
      },
      onData: (stream, _session, done) => void stream.on('end', done).resume(),
    })
    const delivery = deliver({
      port,
      env: { GOTRUE_SMTP_USER: 'mailer', GOTRUE_SMTP_PASS: 'pass word', GOTRUE_SMTP_LOGGING_ENABLED: 'true' },
    })
    await delivery.send()
    await delivery.idle()
    assert.deepEqual(logins, [[method, 'mailer', true, 'auth.example.test']])
    assert.deepEqual(await db.query('select from postern.outbox'), [])
    const conversation = delivery.log.map(({ message }) => message).join('\n')
    assert.match(conversation, /MAIL FROM/)
    for (const secret of ['pass word', 'cGFzcyB3b3Jk', 'AG1haWxlcgBwYXNz', '<h2>'])
      assert.ok(!conversation.includes(secret), secret)
  })
}
