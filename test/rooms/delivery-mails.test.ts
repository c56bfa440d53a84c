// What mails say: defaults, links, headers.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MailKind } from '../../src/config/keys.ts'
import { loadConfig } from '../../src/config/load.ts'
import { confirmationUrl } from '../../src/delivery/confirmation-url.ts'
import { RefusedMail } from '../../src/delivery/deliver-mail.ts'
import { htmlToText } from '../../src/delivery/html-to-text.ts'
import { createSmtpTransport } from '../../src/delivery/smtp.ts'
import { atTheEnd, composer, mailAbout, site } from '../support/delivery.ts'
import { startMailSink } from '../support/mail-sink.ts'

describe('default mails', { concurrency: true }, () => {
  const subjects: [MailKind, string, Record<string, string>?][] = [
    ['invite', "You've been invited"],
    ['confirmation', 'Confirm your email address'],
    ['recovery', 'Reset your password'],
    ['magic_link', 'Your sign-in link'],
    ['email_change', 'Confirm your new email address', { new_email: 'new@example.test' }],
    ['reauthentication', '123456 is your verification code'],
    ['password_changed_notification', 'Your password was changed'],
    ['email_changed_notification', 'Your email address was changed', { old_email: 'old@example.test' }],
    ['phone_changed_notification', 'Your phone number was changed', { phone: '4911', old_phone: '4922' }],
    ['identity_linked_notification', 'A new sign-in method was linked to your account', { provider: 'github' }],
    ['identity_unlinked_notification', 'A sign-in method was removed from your account', { provider: 'google' }],
    [
      'mfa_factor_enrolled_notification',
      'A new verification method was added to your account',
      { factor_type: 'totp' },
    ],
    [
      'mfa_factor_unenrolled_notification',
      'A verification method was removed from your account',
      { factor_type: 'phone' },
    ],
  ]
  for (const [kind, subject, more = {}] of subjects) {
    test(`${kind} has its subject, says what it is about, and has at most one link`, async () => {
      const mail = await composer().composeMail(mailAbout({ kind, ...more }))
      assert.equal(mail.subject, subject)
      for (const value of Object.values(more)) assert.ok(mail.html.includes(value), value)
      const hasLink = ['invite', 'confirmation', 'recovery', 'magic_link', 'email_change'].includes(kind)
      assert.equal(mail.html.split('href=').length - 1, hasLink ? 1 : 0)
      assert.equal(mail.html.includes('123456'), kind === 'reauthentication')
    })
  }

  test('what people say about themselves cannot become HTML', async () => {
    const { url } = await site((response) =>
      response.end('<p title="{{ .Data.name }}">{{ .Data.name }}</p><a href="{{ .Data.site }}">x</a>'),
    )
    const data = { name: '<script>alert("1")</script>', site: 'javascript:alert(1)' }
    const mail = await composer({ GOTRUE_MAILER_TEMPLATES_CONFIRMATION: url }).composeMail(mailAbout({ data }))
    const escaped = '&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;'
    assert.equal(mail.html, `<p title="${escaped}">${escaped}</p><a href="#ZgotmplZ">x</a>`)
  })

  test('a plain-text part is made of the HTML when POSTERN_MAIL_TEXT asks for it', async () => {
    assert.equal((await composer().composeMail(mailAbout())).text, '')
    const { text, html } = await composer({ POSTERN_MAIL_TEXT: 'true' }).composeMail(
      mailAbout({ redirect_to: 'http://site.example/?a=1&b=2' }),
    )
    const link = /href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? assert.fail('no link')
    assert.ok(text.includes(`Confirm your email address (${link})`), text)
    assert.doesNotMatch(text, /[<>]/)
  })

  test('HTML becomes readable text', () => {
    const cases: [string, string][] = [
      ['<h1>Hi</h1><p>a &amp; b &lt;3&#43;&#x41;</p>', 'Hi\na & b <3+A'],
      ['<style>p{}</style><p>one<br>two</p>', 'one\ntwo'],
      [`<a class=x href='http://a.test/?x=1&amp;y=2'><b>Go</b></a>`, 'Go (http://a.test/?x=1&y=2)'],
      ['<a href="http://a.test">http://a.test</a>', 'http://a.test'],
      ['<ul><li>one</li><li>two</li></ul>', '- one\n\n- two'],
      ['&amp;lt; &constructor; &#0;', '&lt; &constructor;'],
    ]
    for (const [html, text] of cases) assert.equal(htmlToText(html), text)
  })
})

describe('links', () => {
  const external_url = 'http://auth.example.test'
  const link = (
    env: Record<string, string>,
    kind: MailKind,
    about: { redirect_to?: string; external_url?: string } = {},
  ) =>
    confirmationUrl(
      loadConfig({
        DATABASE_URL: 'postgres://nowhere.example.test/x',
        API_EXTERNAL_URL: external_url,
        GOTRUE_SITE_URL: 'http://site.example',
        GOTRUE_JWT_SECRET: 'test-secret-with-at-least-32-characters',
        ...env,
      }).config,
      kind,
      { external_url, token_hash: 'abc', redirect_to: 'http://s.test', ...about },
    )
  const tail = (type: string) => `?token=abc&type=${type}&redirect_to=http://s.test`

  test('each kind has its type, and none where nothing is to be confirmed', () => {
    const types = {
      invite: 'invite',
      confirmation: 'signup',
      recovery: 'recovery',
      magic_link: 'magiclink',
      email_change: 'email_change',
    } as const
    for (const kind of Object.keys(types) as (keyof typeof types)[])
      assert.equal(link({}, kind), `${external_url}/verify${tail(types[kind])}`)
    assert.equal(link({}, 'reauthentication'), '')
    assert.equal(link({}, 'password_changed_notification'), '')
  })

  test('the configured path is resolved against the external address; that of recovery serves sign-in links too', () => {
    const paths: [string, string, string][] = [
      ['/auth/v1/verify', external_url, 'http://auth.example.test/auth/v1/verify'],
      ['relative/verify', 'http://h.test/auth/v1', 'http://h.test/auth/relative/verify'],
      ['/change', 'http://h.test/auth/v1', 'http://h.test/change'],
      ['https://join.example.test/start', external_url, 'https://join.example.test/start'],
      ['/verify', 'http://h.test/auth/v1', 'http://h.test/auth/v1/verify'],
    ]
    for (const [path, base, expected] of paths) {
      const env = { GOTRUE_MAILER_URLPATHS_RECOVERY: path }
      assert.equal(link(env, 'recovery', { external_url: base }), expected + tail('recovery'))
      assert.equal(link(env, 'magic_link', { external_url: base }), expected + tail('magiclink'))
    }
    assert.equal(
      link({ GOTRUE_MAILER_URLPATHS_INVITE: 'https://spa.test/?page=1#/join' }, 'invite'),
      'https://spa.test/?page=1&token=abc&type=invite&redirect_to=http://s.test#/join',
    )
  })

  test('redirect_to is encoded only where it would be read as parameters', () => {
    const of = (redirect_to: string) => link({}, 'invite', { redirect_to }).split('&redirect_to=')[1]
    assert.equal(of('http://s.test/a b'), 'http://s.test/a b')
    assert.equal(of('http://s.test/a b?c=d'), 'http%3A%2F%2Fs.test%2Fa+b%3Fc%3Dd')
    assert.equal(of(`app://x#~*'()!-_.é`), 'app%3A%2F%2Fx%23~%2A%27%28%29%21-_.%C3%A9')
  })
})

describe('headers', { concurrency: true }, () => {
  async function sendOne(
    env: Record<string, string>,
    about: { subject?: string; to?: string; kind?: string; html?: string },
  ) {
    const mails = await startMailSink()
    atTheEnd(() => mails.stop())
    const warnings: unknown[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (...line: unknown[]) => void warnings.push(line) }
    const { config } = loadConfig({
      DATABASE_URL: 'postgres://nowhere.example.test/x',
      API_EXTERNAL_URL: 'http://auth.example.test',
      GOTRUE_SITE_URL: 'http://site.example',
      GOTRUE_JWT_SECRET: 'test-secret-with-at-least-32-characters',
      GOTRUE_SMTP_HOST: '127.0.0.1',
      GOTRUE_SMTP_PORT: String(mails.port),
      GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
      GOTRUE_SMTP_SENDER_NAME: 'Example',
      ...env,
    })
    const transport = createSmtpTransport(config, log)
    atTheEnd(() => transport.close())
    const mail = {
      id: 'an-id',
      kind: 'confirmation',
      to: 'ada@example.test',
      subject: 's',
      html: '<p>h</p>',
      text: '',
      ...about,
    }
    await transport.send(mail)
    const [received] = mails.mails
    assert(received)
    const head = received.raw.slice(0, received.raw.indexOf('\r\n\r\n'))
    const names = head.split(/\r\n(?![ \t])/).map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
    return { ...received, head, names, warnings }
  }

  test('a mail of HTML only is one quoted-printable part', async () => {
    const { head, html, from } = await sendOne({}, { html: `<p>ü €</p>${'x'.repeat(300)}` })
    assert.match(head, /^Content-Type: text\/html; charset=UTF-8/m)
    assert.match(head, /^Content-Transfer-Encoding: quoted-printable/im)
    assert.equal(from, '"Example" <no-reply@example.test>')
    assert.equal(html.trimEnd(), `<p>ü €</p>${'x'.repeat(300)}`)
  })

  test('with a plain-text part the HTML stays readable to simple parsers', async () => {
    const mails = await sendOne({}, {})
    assert.equal(mails.text, '')
    const both = await sendOne({}, {
      html: '<a href="http://a.test/?b=c&amp;d=e">x</a>',
      text: 'x (http://a.test)',
    } as object)
    assert.match(both.head, /multipart\/alternative/)
    assert.match(both.html, /href="http:\/\/a\.test\/\?b=c&amp;d=e"/)
    assert.equal(both.text.trim(), 'x (http://a.test)')
  })

  test('the name of the sender is quoted, or encoded where it is not ASCII, and cannot add headers', async () => {
    const quoted = await sendOne({ GOTRUE_SMTP_SENDER_NAME: `A "b" \\ ${'c '.repeat(60)}$& d` }, {})
    assert.equal(quoted.from, `"A \\"b\\" \\\\ ${'c '.repeat(60)}$& d" <no-reply@example.test>`)
    const encoded = await sendOne({ GOTRUE_SMTP_SENDER_NAME: 'Grüße\r\nX-Evil: 1' }, {})
    assert.match(encoded.head, /^From: =\?UTF-8\?/m)
    assert.ok(!encoded.names.includes('x-evil'))
  })

  const subjects = {
    'line breaks': 'Hello Ada\r\nBcc: eve@example.test\r\n\r\nbody',
    'two kilobytes': 'long '.repeat(400),
    'two kilobytes without a space': 'x'.repeat(2000),
    emoji: 'Grüße 👩‍💻 '.repeat(100),
    'an encoded word': '=?utf-8?q?=0d=0aBcc:_eve=40example.test?=',
  }
  for (const [what, name] of Object.entries(subjects)) {
    test(`MAIL-04: a name with ${what} in a subject leaves one Subject header on short lines`, async () => {
      const composing = composer({ GOTRUE_MAILER_SUBJECTS_CONFIRMATION: 'Hi {{ .Data.name }}' })
      const { subject } = await composing.composeMail(mailAbout({ data: { name } }))
      const mail = await sendOne({}, { subject })
      assert.equal(mail.names.filter((header) => header === 'subject').length, 1)
      assert.ok(!mail.names.includes('bcc'))
      assert.deepEqual(mail.to, ['ada@example.test'])
      for (const line of mail.head.split('\r\n')) assert.ok(line.length <= 998 && !/[^\x20-\x7e\t]/.test(line), line)
      assert.match(mail.subject, /^Hi /)
    })
  }

  test('further headers carry the kind of mail, and their values cannot add others', async () => {
    const GOTRUE_SMTP_HEADERS = JSON.stringify({ 'X-Kind': ['$messageType', 'a\r\nX-Evil: 1'], 'X-Team': 'engines' })
    const mail = await sendOne({ GOTRUE_SMTP_HEADERS }, { kind: 'reauthentication' })
    assert.match(mail.head, /^X-Kind: reauthenticate\r$/im)
    assert.match(mail.head, /^X-Team: engines\r?$/im)
    assert.ok(!mail.names.includes('x-evil'))
  })

  test('further headers that are no JSON object are ignored with a warning', async () => {
    for (const GOTRUE_SMTP_HEADERS of ['{"a":', '["a"]', 'null']) {
      const mail = await sendOne({ GOTRUE_SMTP_HEADERS }, {})
      assert.equal(mail.warnings.length, 1)
    }
  })

  test('a recipient cannot become two, nor a command', async () => {
    for (const between of ['>\r\nRCPT TO:<', ',', ';', ' ', '\u00a0', '"', '(', '\u200b', '<'])
      await assert.rejects(sendOne({}, { to: `ada@example.test${between}eve@example.test` }), (error) => {
        assert(error instanceof RefusedMail)
        assert.doesNotMatch(error.message, /ada@|eve@/)
        return true
      })
  })
})
