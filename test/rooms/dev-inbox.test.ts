// The development inbox: mail over SMTP and text messages in, JSON and a page out, for programs of this machine only.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import nodemailer from 'nodemailer'
import { type Inbox, startInbox } from '../../src/dev/inbox.ts'
import type { InboxEntry } from '../../src/dev/inbox-entry.ts'
import { parseMail } from '../../src/dev/parse-mail.ts'

const host = '127.0.0.1'
let inbox: Inbox
before(async () => {
  inbox = await startInbox({ host })
})
after(() => inbox.stop())

async function mail(port: number, about: { to: string; subject: string; html?: string; text?: string }) {
  const transport = nodemailer.createTransport({ host, port })
  await transport.sendMail({ from: '"Postern" <postern@localhost>', textEncoding: 'quoted-printable', ...about })
  transport.close()
}

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET', from = inbox) {
  const given = { host: 'localhost:54321', ...headers }
  const response = await from.handle(new Request(`http://localhost:54321${path}`, { method, headers: given }))
  assert(response, `${path} belongs to the inbox`)
  return response
}
const list = async (path = '/__inbox/api/mails', from = inbox) =>
  (await (await ask(path, {}, 'GET', from)).json()) as InboxEntry[]

describe('the development inbox', () => {
  test('a mail shows up with its contents, its links and its codes', async () => {
    await mail(inbox.smtp_port, {
      to: 'Ada@example.test',
      subject: 'Grüße, 4711 and 135790 👋',
      html: `<style>p{color:#123456}</style><p>Code <b>246810</b>, ü</p><p>${'long '.repeat(60)}</p>
        <a href="http://127.0.0.1/verify?token=12345678&amp;type=signup">Confirm</a>`,
      text: 'as text',
    })
    const [entry] = await list('/__inbox/api/mails?to=ada@EXAMPLE.test')
    assert(entry)
    assert.deepEqual(entry.to, ['Ada@example.test'])
    assert.match(entry.from, /Postern.*<postern@localhost>/)
    assert.equal(entry.subject, 'Grüße, 4711 and 135790 👋')
    assert.equal(entry.channel, 'mail')
    assert.equal(entry.text.trim(), 'as text')
    assert.ok(entry.html.includes('long '.repeat(60)) && entry.html.includes(', ü'))
    assert.deepEqual(entry.links, ['http://127.0.0.1/verify?token=12345678&type=signup'])
    assert.deepEqual(entry.codes, ['135790', '246810'])
    assert.deepEqual(await list('/__inbox/api/mails?to=bob@example.test'), [])
    const one: unknown = await (await ask(`/__inbox/api/mails/${entry.id}`)).json()
    assert.deepEqual(one, entry)
    const [summary] = await list('/__inbox/api/mails?summary')
    const { html: _html, text: _text, ...expected } = entry
    assert.deepEqual(summary, expected)
  })

  test('a text message shows up beside the mails', async () => {
    inbox.addSms({ phone: '4915112345678', text: 'Your code is 864209, see https://a.test/x.' })
    const [entry] = await list()
    assert(entry)
    assert.deepEqual(
      [entry.channel, entry.to, entry.codes, entry.links],
      ['sms', ['+4915112345678'], ['864209'], ['https://a.test/x']],
    )
  })

  test('the newest comes first, the oldest is dropped when there are too many, and mails can be deleted', async () => {
    const small = await startInbox({ host, max_mails: 3 })
    for (const text of ['one', 'two', 'three', 'four']) small.addSms({ phone: '49', text })
    const all = await list(undefined, small)
    assert.deepEqual(
      all.map(({ text }) => text),
      ['four', 'three', 'two'],
    )
    await ask(`/__inbox/api/mails/${all[1]?.id}`, {}, 'DELETE', small)
    assert.deepEqual(
      (await list(undefined, small)).map(({ text }) => text),
      ['four', 'two'],
    )
    assert.equal((await ask(`/__inbox/api/mails/${all[1]?.id}`, {}, 'GET', small)).status, 404)
    await ask('/__inbox/api/mails', {}, 'DELETE', small)
    assert.deepEqual(small.entries(), [])
    await small.stop()
  })

  test('the next free port is taken when the given one is in use', async () => {
    const other = await startInbox({ host, port: inbox.smtp_port })
    assert.ok(other.smtp_port > inbox.smtp_port && other.smtp_port < inbox.smtp_port + 20)
    await other.stop()
  })

  test('a mail that is too large is refused', async () => {
    const big = { to: 'big@example.test', subject: 'big', text: 'x'.repeat(6_000_000) }
    await assert.rejects(mail(inbox.smtp_port, big), /552|larger than allowed/)
    assert.deepEqual(await list('/__inbox/api/mails?to=big@example.test'), [])
  })

  test('other paths are left to the server', async () => {
    for (const path of ['/', '/__inboxes', '/auth/v1/verify'])
      assert.equal(await inbox.handle(new Request(`http://localhost${path}`)), null)
  })

  test('the page is HTML under a policy by which only its own script runs', async () => {
    const response = await ask('/__inbox')
    const html = await response.text()
    const policy = response.headers.get('content-security-policy') ?? ''
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1]
    assert.ok(nonce && html.includes(`<script nonce="${nonce}">`))
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.doesNotMatch(policy.replace("style-src 'unsafe-inline'", ''), /unsafe|\*/)
    assert.equal(html.split('<script').length, 2)
    const again = await ask('/__inbox')
    assert.ok(!(await again.text()).includes(nonce), 'the nonce is another each time')
    const script = /<script[^>]*>([\s\S]*)<\/script>/.exec(html)?.[1] ?? ''
    assert.doesNotMatch(script, /innerHTML|document\.write|eval/)
    assert.doesNotThrow(() => new Function(script), 'the script can be parsed')
    assert.match(script, /'sandbox', '(?!.*allow-(scripts|same-origin))/)
  })

  const visit = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const requests: [string, Record<string, string>, boolean][] = [
    ['a program without a browser', {}, true],
    ['its own page', { origin: 'http://localhost:54321', 'sec-fetch-site': 'same-origin' }, true],
    ['a page under the IPv4 address', { host: '127.0.0.1:8000', origin: 'http://127.0.0.1:8000' }, true],
    ['a page under the IPv6 address', { host: '[::1]:8000', origin: 'http://[::1]:8000' }, true],
    ['the address bar', { 'sec-fetch-site': 'none', ...visit }, true],
    ['a link on another site', { 'sec-fetch-site': 'cross-site', ...visit }, true],
    ['a frame on another site', { 'sec-fetch-site': 'cross-site', ...visit, 'sec-fetch-dest': 'iframe' }, false],
    ['a name that somebody points here', { host: 'evil.example.test' }, false],
    ['a name that begins like a loopback', { host: 'localhost.evil.test:54321' }, false],
    ['an address that is no loopback', { host: '192.168.1.7:54321' }, false],
    ['a script of another site', { origin: 'https://evil.example.test' }, false],
    ['a script of a page on another port', { origin: 'http://localhost:3000' }, false],
    ['a sandboxed page', { origin: 'null' }, false],
    ['an image on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
    ['an image of a page on another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, false],
  ]
  for (const [who, headers, isAnswered] of requests) {
    test(`${who} is ${isAnswered ? 'answered' : 'refused'}`, async () => {
      for (const [path, method] of [
        ['/__inbox', 'GET'],
        ['/__inbox/api/mails', 'GET'],
        ['/__inbox/api/mails/x', 'DELETE'],
      ] as const) {
        const response = await ask(path, headers, method)
        assert.equal(response.status === 403, !isAnswered, path)
        for (const name of response.headers.keys()) assert.doesNotMatch(name, /^access-control/)
      }
    })
  }

  test('a preflight of another site gets no permission', async () => {
    const headers = { origin: 'https://evil.example.test', 'access-control-request-method': 'DELETE' }
    const response = await ask('/__inbox/api/mails', headers, 'OPTIONS')
    assert.equal(response.status, 403)
  })
})

describe('reading mail', () => {
  test('headers over several lines, encoded words and nested parts are read', () => {
    const raw = [
      'From: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= <a@b.test>',
      'Subject: =?utf-8?Q?one_?=',
      ' =?utf-8?B?dHfDtg==?= three',
      'Content-Type: multipart/mixed; boundary="outer"',
      '',
      '--outer',
      'Content-Type: multipart/alternative;',
      ' boundary=inner',
      '',
      '--inner',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      'w7w=',
      '--inner',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<p class=3D"a">=C3=BC=',
      '</p>',
      '--inner--',
      '--outer--',
    ].join('\r\n')
    const read = parseMail(raw)
    assert.equal(read.from, 'Grüße <a@b.test>')
    assert.equal(read.subject, 'one twö three')
    assert.equal(read.text, 'ü')
    assert.equal(read.html.trim(), '<p class="a">ü</p>')
  })

  test('a mail without a body and one with broken parts are read as far as they go', () => {
    assert.deepEqual(parseMail('Subject: x'), { from: '', subject: 'x', html: '', text: '' })
    assert.deepEqual(parseMail('Content-Type: multipart/mixed; boundary=a\r\n\r\nnothing'), {
      from: '',
      subject: '',
      html: '',
      text: '',
    })
  })
})
