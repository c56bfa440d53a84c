// The application's own templates of mails, and what happens when they fail.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { AuthError } from '../../src/errors.ts'
import { atTheEnd, composer, mailAbout, site } from '../support/delivery.ts'
import { until } from '../support/process.ts'

const events = (delivery: { log: Record<string, unknown>[] }) => delivery.log.map(({ event }) => event)

describe('templates of the application', { concurrency: true }, () => {
  const own = 'GOTRUE_MAILER_TEMPLATES_CONFIRMATION'

  test('a template is fetched once while it is fresh, however many mails wait for it', async () => {
    let now = 1_000_000
    const { url, asked } = await site((response, call) => response.end(`<b>${call} {{ .Email }}</b>`))
    const delivery = composer({ [own]: `${url}/mail`, GOTRUE_MAILER_TEMPLATE_MAX_AGE: '10m' }, () => now)
    const many = await Promise.all(Array.from({ length: 5 }, () => delivery.composeMail(mailAbout())))
    for (const { html } of many) assert.equal(html, '<b>1 ada@example.test</b>')
    now += 599_000
    assert.match((await delivery.composeMail(mailAbout())).html, /^<b>1/)
    now += 2000
    assert.match((await delivery.composeMail(mailAbout())).html, /^<b>2/)
    assert.deepEqual(asked, ['/mail', '/mail'])
  })

  test('a path is read from the site', async () => {
    const { url, asked } = await site((response) => response.end('from the site'))
    const delivery = composer({ [own]: '/mail/confirm.html', GOTRUE_SITE_URL: `${url}/` })
    assert.equal((await delivery.composeMail(mailAbout())).html, 'from the site')
    assert.deepEqual(asked, ['/mail/confirm.html'])
  })

  test('a file is read where it exists, by its path or as a file: URL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-mail-'))
    atTheEnd(() => rm(folder, { recursive: true }))
    const file = join(folder, 'confirm.html')
    await writeFile(file, 'from a file, ü')
    for (const place of [file, pathToFileURL(file).href])
      assert.equal((await composer({ [own]: place }).composeMail(mailAbout())).html, 'from a file, ü')
  })

  const failures: [string, (response: ServerResponse) => void, string][] = [
    ['is missing', (response) => response.writeHead(404).end('gone'), 'templatemailer_template_body_http_error'],
    ['cannot be parsed', (response) => response.end('{{ .Token </p>'), 'templatemailer_template_body_parse_error'],
    ['breaks off', (response) => response.destroy(), 'templatemailer_template_body_http_error'],
  ]
  for (const [what, answer, event] of failures) {
    test(`with a template that ${what} the default subject and body are used, and it is soon tried again`, async () => {
      let now = 1_000_000
      const { url, asked } = await site(answer)
      const env = { [own]: url, GOTRUE_MAILER_SUBJECTS_CONFIRMATION: 'Join us' }
      const delivery = composer(env, () => now)
      const mail = await delivery.composeMail(mailAbout())
      assert.equal(mail.subject, 'Confirm your email address')
      assert.match(mail.html, /^<h2>Confirm your email address<\/h2>/)
      now += 9000
      await delivery.composeMail(mailAbout())
      assert.equal(asked.length, 1)
      now += 2000
      await delivery.composeMail(mailAbout())
      assert.equal(asked.length, 2)
      assert.deepEqual(events(delivery), [event, event])
    })
  }

  test('the last good template is used on when a later fetch fails', async () => {
    let now = 1_000_000
    const { url } = await site((response, call) =>
      call === 1 ? response.end('good') : response.writeHead(500).end('bad'),
    )
    const env = { [own]: url, GOTRUE_MAILER_SUBJECTS_CONFIRMATION: 'Own subject' }
    const delivery = composer(env, () => now)
    await delivery.composeMail(mailAbout())
    now += 3_600_000
    const mail = await delivery.composeMail(mailAbout())
    assert.deepEqual([mail.subject, mail.html], ['Own subject', 'good'])
    assert.deepEqual(events(delivery), ['templatemailer_template_body_http_error'])
  })

  test('a subject that cannot be parsed gives way to the default', async () => {
    const delivery = composer({ GOTRUE_MAILER_SUBJECTS_CONFIRMATION: 'Hello {{ .Name' })
    assert.equal((await delivery.composeMail(mailAbout())).subject, 'Confirm your email address')
    assert.deepEqual(events(delivery), ['templatemailer_template_subject_parse_error'])
  })

  test('what is over the limit of size is cut off', async () => {
    const { url } = await site((response) => response.end('0123456789'.repeat(100_000)))
    const delivery = composer({ [own]: url, GOTRUE_MAILER_TEMPLATE_MAX_SIZE: '25' })
    assert.equal((await delivery.composeMail(mailAbout())).html, '0123456789012345678901234')
  })

  test('with reloading on, templates are fetched before the first mail', async () => {
    const { url, asked } = await site((response) => response.end('eager'))
    composer({ [own]: url, GOTRUE_MAILER_TEMPLATE_RELOADING_ENABLED: 'true' })
    await until('the template is fetched', () => asked.length > 0)
  })

  test('data that a template cannot be filled with fails the mail', async () => {
    const { url } = await site((response) => response.end('{{ .Data.name.first }}'))
    const delivery = composer({ [own]: url })
    const failing = delivery.composeMail(mailAbout({ data: { name: 'Ada' } }))
    await assert.rejects(failing, (error) => {
      assert(error instanceof AuthError)
      assert.deepEqual(
        [error.status, error.code, error.message],
        [500, 'unexpected_failure', 'Error sending confirmation email'],
      )
      return true
    })
  })
})
