// Mails in the language of whoever reads them: those that look like the pages, and templates by language.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { mailKinds } from '../../src/config/families.ts'
import type { MailRequest } from '../../src/delivery/mail-request.ts'
import { templateChecks } from '../../src/flows/doctor/template-checks.ts'
import { locales } from '../../src/locale.ts'
import { load } from '../support/config.ts'
import { mailAbout, noDatabase, testDelivery } from '../support/delivery.ts'

const stops: (() => unknown)[] = []

after(async () => {
  for (const stop of stops.reverse()) await stop()
})

function composer(env: Record<string, string>, now?: () => number) {
  const delivery = testDelivery({ db: noDatabase, env, ...(now && { now }) })
  stops.push(() => delivery.stop())
  return delivery
}

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'templates-'))
  stops.push(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

const everything: Partial<MailRequest> = {
  new_email: 'new@example.test',
  old_email: 'old@example.test',
  phone: '4911',
  old_phone: '4922',
  provider: 'github',
  factor_type: 'totp',
}

describe('mails that look like the pages', { concurrency: true }, () => {
  const look = { POSTERN_MAIL_LOOK: 'pages', POSTERN_PAGES_NAME: 'Ada & Co', GOTRUE_MAILER_OTP_EXP: '3600' }

  test('the account says which language it reads, then the request; what nobody speaks here is English', async () => {
    const delivery = composer(look)
    const subjectFor = async (data: Record<string, unknown>, ...languages: string[]) =>
      (await delivery.composeMail(mailAbout({ kind: 'magic_link', data, languages }))).subject
    assert.equal(await subjectFor({ locale: 'de-AT' }, 'fr'), 'Ihr Anmeldelink')
    assert.equal(await subjectFor({ locale: 'nl' }, 'fr-CA', 'de'), 'Votre lien de connexion')
    assert.equal(await subjectFor({ locale: ['de'] }), 'Your sign-in link')
    assert.equal(await subjectFor({}, 'xx'), 'Your sign-in link')
  })

  test('every kind says itself in every language, with nothing left to fill in, and has at most one link', async () => {
    const delivery = composer(look)
    for (const kind of mailKinds)
      for (const locale of Object.keys(locales)) {
        const mail = await delivery.composeMail(mailAbout({ kind, ...everything, languages: [locale] }))
        const hasLink = ['invite', 'confirmation', 'recovery', 'magic_link', 'email_change'].includes(kind)
        assert.equal(mail.html.split('href=').length - 1, hasLink ? 1 : 0, `${kind} ${locale}`)
        const text = mail.html.replace(/<style>.*?<\/style>/s, '')
        assert.doesNotMatch(`${mail.subject}${text}`, /[{}]|undefined/, `${kind} ${locale}`)
        assert.match(mail.html, new RegExp(`<html lang="${locale}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}">`))
        assert.equal(mail.locale, locale)
      }
  })

  test('no colour reads as a code, and the code of a mail is the only number of six digits', async () => {
    const { html } = await composer(look).composeMail(mailAbout({ kind: 'magic_link', token_hash: 'abcdef' }))
    assert.deepEqual(html.match(/\d{6,}/g), ['123456'])
  })

  test('a notification says which second factor it is about in words', async () => {
    const kind = 'mfa_factor_enrolled_notification'
    const delivery = composer(look)
    const said = async (factor_type: string) =>
      (await delivery.composeMail(mailAbout({ kind, factor_type, languages: ['de'] }))).html
    assert.match(await said('webauthn'), /Sicherheitsschlüssel/)
    assert.match(await said('telepathy'), /telepathy/)
  })

  test('name, logo and colour are those of the pages, and text on the colour can be read', async () => {
    const yellow = { POSTERN_PAGES_COLOR: '#ffd600', POSTERN_PAGES_LOGO_URL: 'https://app.example/logo.png?a=1&b="' }
    const { html } = await composer({ ...look, ...yellow }).composeMail(mailAbout({ kind: 'recovery' }))
    assert.match(html, /Ada &amp; Co/)
    assert.match(html, /src="https:\/\/app\.example\/logo\.png\?a=1&amp;b=%22"/)
    assert.match(html, /background-color:rgb\(255, 214, 0\)"><a href="[^"]+" style="[^"]*color:rgb\(0, 0, 0\)/)
  })

  test('the plain text says the same, with the link and the code', async () => {
    const delivery = composer({ ...look, POSTERN_MAIL_TEXT: 'true' })
    const { text } = await delivery.composeMail(mailAbout({ kind: 'recovery', languages: ['es'] }))
    const link = 'http://auth.example.test/verify?token=abcdef&type=recovery&redirect_to=http://site.example'
    const [name, title, , button, or, code, life] = text.split('\n\n')
    assert.deepEqual(
      [name, title, button, or, code, life],
      [
        'Ada & Co',
        'Restablece tu contraseña',
        `Elegir una contraseña nueva:\n${link}`,
        'O introduce este código:',
        '123456',
        'Funciona una sola vez, durante 1 hora.',
      ],
    )
  })
})

describe('templates by language', { concurrency: true }, () => {
  test('without any of it mails stay as they are, whatever languages people read', async () => {
    const delivery = composer({})
    const [german, none] = await Promise.all([
      delivery.composeMail(mailAbout({ data: { locale: 'de' }, languages: ['de'] })),
      delivery.composeMail(mailAbout()),
    ])
    assert.deepEqual([german.subject, german.html, german.locale], [none.subject, none.html, ''])
  })

  test('a file of the language comes before one without, and both before the variables', async () => {
    const folder = await folderOf({
      'recovery.de.html': '<p>Hallo {{ .Email }} {{ .Locale }}</p>',
      'recovery.de.txt': 'Hallo {{ .Email }} <&>',
      'recovery.de.subject': 'Neues Passwort für {{ .Email }}\n',
      'recovery.html': '<p>Hello {{ .Email }} {{ .Locale }} {{ .SiteName }}</p>',
      'recovery.txt': 'Hello',
      'recovery.nl.html': '<p>Dag</p>',
      'README.md': 'no template',
      'recovery.pt-br.html': '<p>Oi</p>',
    })
    const delivery = composer({
      POSTERN_MAILER_TEMPLATES_DIR: folder,
      GOTRUE_MAILER_SUBJECTS_RECOVERY: 'a subject for all',
      GOTRUE_MAILER_TEMPLATES_RECOVERY: 'http://nowhere.invalid/',
    })
    const of = async (...languages: string[]) => {
      const { subject, html, text } = await delivery.composeMail(mailAbout({ kind: 'recovery', languages }))
      return [subject, html, text]
    }
    const email = 'ada@example.test'
    assert.deepEqual(await of('de-CH'), [
      `Neues Passwort für ${email}`,
      `<p>Hallo ${email} de</p>`,
      `Hallo ${email} <&>`,
    ])
    assert.deepEqual(await of('ja'), ['a subject for all', `<p>Hello ${email} ja site.example</p>`, 'Hello'])
    assert.deepEqual(await of('nl-BE', 'de'), ['a subject for all', '<p>Dag</p>', ''])
    assert.deepEqual(await of('pt-BR'), ['a subject for all', '<p>Oi</p>', ''])
    assert.deepEqual(await of('pt-PT'), ['a subject for all', `<p>Hello ${email} pt site.example</p>`, 'Hello'])
  })

  test('what somebody calls a language leads to no other file', async () => {
    const folder = await folderOf({ 'recovery.html': 'fine' })
    const delivery = composer({ POSTERN_MAILER_TEMPLATES_DIR: folder })
    for (const locale of ['../../../etc/passwd', '..', '/', 'de\0', 'constructor', '__proto__', ''])
      assert.equal((await delivery.composeMail(mailAbout({ kind: 'recovery', data: { locale } }))).html, 'fine', locale)
  })

  test('a folder that cannot be read, and a file that is no template, leave the default and a line in the log', async () => {
    const missing = composer({ POSTERN_MAILER_TEMPLATES_DIR: '/nonexistent/folder' })
    assert.equal((await missing.composeMail(mailAbout())).subject, 'Confirm your email address')
    assert.deepEqual(
      missing.log.map(({ event }) => event),
      ['templatemailer_folder_error'],
    )
    const broken = composer({ POSTERN_MAILER_TEMPLATES_DIR: await folderOf({ 'recovery.de.html': '{{ if }}' }) })
    const mail = await broken.composeMail(mailAbout({ kind: 'recovery', languages: ['de'] }))
    assert.match(mail.html, /Follow this link to choose a new password/)
    assert.deepEqual(
      broken.log.map(({ event, locale }) => [event, locale]),
      [['templatemailer_template_body_parse_error', 'de']],
    )
  })

  test('doctor tells of files that are no templates, and of those that cannot be used', async () => {
    const POSTERN_MAILER_TEMPLATES_DIR = await folderOf({
      'recovery.de.html': '{{ if }}',
      'recovery.fr.html': 'fine',
      'recover.de.html': 'no kind of mail',
    })
    const check = templateChecks.find(({ name }) => name === 'templates by language') ?? assert.fail()
    const problems = await check.run({ config: load({ POSTERN_MAILER_TEMPLATES_DIR }), now: Date.now, db: noDatabase })
    assert(Array.isArray(problems))
    assert.deepEqual(
      problems.map((problem) => problem.replace(/ used: .*/, ' used')),
      [
        'POSTERN_MAILER_TEMPLATES_DIR: recovery.de.html: the template cannot be used',
        'POSTERN_MAILER_TEMPLATES_DIR: recover.de.html is named like no template, such as recovery.de.html',
      ],
    )
  })

  test('a file that was added is found after the age of templates', async () => {
    let now = 1_000_000
    const folder = await folderOf({})
    const delivery = composer({ POSTERN_MAILER_TEMPLATES_DIR: folder }, () => now)
    const html = async () => (await delivery.composeMail(mailAbout({ kind: 'recovery', languages: ['de'] }))).html
    assert.match(await html(), /Follow this link/)
    await writeFile(join(folder, 'recovery.de.html'), 'neu')
    assert.match(await html(), /Follow this link/)
    now += 600_000
    assert.equal(await html(), 'neu')
  })
})
