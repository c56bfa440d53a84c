// Headers of mails: what was configured and what people are called, as text and not as HTML.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildMessage } from '../../src/delivery/build-message.ts'
import { parseMail } from '../../src/dev/parse-mail.ts'
import { startTestServer } from '../support/server.ts'

test('names of people stand in subjects as they are, and escaped in the body', async () => {
  const server = await startTestServer({
    env: { GOTRUE_MAILER_SUBJECTS_CONFIRMATION: 'Hello {{ .Data.name }} <{{ .Email }}> & "welcome"' },
  })
  try {
    for (const [at, name] of ["O'Neil", 'Ben & Jerry', '<b>Ada</b>', 'Größe "X"', '张伟'].entries()) {
      const email = `subject${at}@example.com`
      const data = { name, link: 9 }
      await server.request('POST', '/signup', { body: { email, password: 'correct horse battery', data } })
      const mail = await server.nextMail(email)
      assert.equal(mail.subject, `Hello ${name} <${email}> & "welcome"`)
    }
  } finally {
    await server.close()
  }
})

const mail = { id: '1', kind: 'invite', to: 'ada@example.com', subject: 'S', html: '<p>x</p>', text: '' } as const
const senders: [name: string, address: string, from: RegExp][] = [
  ['Acme, Inc.', 'no-reply@example.com', /^From: "Acme, Inc\." <no-reply@example\.com>$/m],
  ['support@example.com', 'no-reply@example.com', /^From: "support@example\.com" <no-reply@example\.com>$/m],
  [
    'Ada "the" O\'Neil <x@y.z>',
    'no-reply@example.com',
    /^From: "Ada \\"the\\" O'Neil <x@y\.z>" <no-reply@example\.com>$/m,
  ],
  ['', 'no-reply@example.com', /^From: no-reply@example\.com$/m],
  ['Acme', 'no-reply@bücher.example', /^From: "?Acme"? <no-reply@xn--bcher-kva\.example>$/m],
]
for (const [name, address, from] of senders)
  test(`mails come from ${JSON.stringify(name)} at ${address}`, async () => {
    const sender = { smtp_sender_name: name, smtp_admin_email: address }
    const message = await buildMessage({ ...mail }, { sender, host: 'h', headers: [] })
    const head = message.slice(0, message.indexOf('\r\n\r\n')).replaceAll('\r', '')
    assert.match(head, from)
    assert.equal(head.match(/^(from|sender|reply-to):/gim)?.length, 1)
  })

test('a name beyond ASCII is what mail programs read', async () => {
  const sender = { smtp_sender_name: 'Größe, Söhne & Co <x>', smtp_admin_email: 'no-reply@example.com' }
  const message = await buildMessage({ ...mail }, { sender, host: 'h', headers: [] })
  assert.equal(parseMail(message).from, 'Größe, Söhne & Co <x> <no-reply@example.com>')
})
