// The console in a real browser: from sign-in to a banned person, an import with its progress, a changed template, every page.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { makeConsoleLink } from '../../src/flows/console/make-console-link.ts'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { tourInArabic, tourPage, withWindow } from '../support/page-tour.ts'
import { newVisitor, signInToPages } from '../support/visitor.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
let site: PageServer
let ada: { id: string; email: string }

before(async () => {
  if (skip) return
  site = await startPageServer((origin) => ({
    GOTRUE_SITE_URL: origin,
    POSTERN_CONSOLE: 'true',
    POSTERN_PAGES_URL: origin,
    GOTRUE_OAUTH_SERVER_ENABLED: 'true',
    GOTRUE_CUSTOM_OAUTH_ENABLED: 'true',
    GOTRUE_SAML_ENABLED: 'false',
    GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
    GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client',
    GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
  }))
  const { server } = site
  await server.user({ email: 'operator@example.com', password })
  await server.sql(`update auth.users set role = 'service_role' where email = 'operator@example.com'`)
  for (let i = 0; i < 12; i++)
    await server.user({ email: `person${i}@example.com`, user_metadata: { full_name: `Person ${i}` } })
  ada = (await server.user({ email: 'ada@example.com', user_metadata: { full_name: 'Ada <i>Lovelace</i>' } })).user
  await server.sql(`insert into postern.daily_counts (day, event, way, outcome, count)
    select current_date - i, event, way, outcome, (40 + 30 * sin(i / 3.0 + length(way)))::int
      from generate_series(1, 29) i, (values ('sign_up', 'email', 'ok'), ('sign_up', 'google', 'ok'), ('sign_in', 'email', 'ok'),
        ('sign_in', 'google', 'ok'), ('sign_in', 'passkey', 'ok'), ('sign_in', 'email', 'failed'), ('failure', 'invalid_credentials', 'failed'),
        ('failure', 'otp_expired', 'failed')) as e (event, way, outcome)`)
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
})

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 }).waitFor()

/** Opens the console as a person with an administrator's role, without the forms of sign-in. */
async function asOperator(context: BrowserContext): Promise<void> {
  const { server } = site
  const answer = await server.request('POST', '/token?grant_type=password', {
    body: { email: 'operator@example.com', password },
  })
  const handle = await signInToPages(server, newVisitor(server), { access_token: String(answer.body.access_token) })
  await context.addCookies([{ name: 'postern', value: handle, url: site.url, httpOnly: true, sameSite: 'Lax' }])
}

const newLink = () => makeConsoleLink({ db: site.server.database.db, random: randomBytes }, 'grace')

for (const javaScriptEnabled of [true, false])
  test(
    `an operator signs in on a page, finds a person, bans and unbans them, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
    { skip },
    () =>
      withWindow(
        browser,
        async (page) => {
          await page.goto(`${site.url}/console`)
          await page.getByLabel('Email address').fill('operator@example.com')
          await page.getByLabel('Password', { exact: true }).fill(password)
          await page.getByRole('button', { name: 'Sign in', exact: true }).click()
          await heading(page, 'Overview')
          await page.getByRole('link', { name: 'People' }).click()
          await heading(page, 'People')
          await page.waitForLoadState()
          if (javaScriptEnabled) await page.keyboard.press('/')
          else await page.getByLabel('Search').focus()
          await page.getByLabel('Search').and(page.locator(':focus')).waitFor()
          await page.keyboard.type('ada@')
          await page.keyboard.press('Enter')
          await page.getByRole('link', { name: 'ada@example.com' }).click()
          await heading(page, 'ada@example.com')
          await page.getByRole('link', { name: 'Ban' }).click()
          await page.getByLabel('For').selectOption('A week')
          await page.getByLabel('Reason').fill('spam')
          await page.getByRole('button', { name: 'Ban' }).click()
          await page.getByText('ada@example.com was banned.').waitFor()
          const refused = await site.server.request('POST', '/token?grant_type=password', {
            body: { email: ada.email, password },
          })
          assert.equal(refused.body.error_code, 'user_banned')
          await page.getByRole('button', { name: 'Undo' }).click()
          await page.getByText('The ban of ada@example.com was lifted.').waitFor()
          const again = await site.server.request('POST', '/token?grant_type=password', {
            body: { email: ada.email, password },
          })
          assert.equal(again.status, 200)
          const entries = await site.server.sql<{ payload: Record<string, unknown> }>(
            `select payload from auth.audit_log_entries where payload ->> 'action' = 'user_modified' and payload ->> 'actor_username' = 'operator@example.com'`,
          )
          assert.ok(entries.length >= 2)
          assert.deepEqual(entries[0]?.payload.act, { sub: entries[0]?.payload.actor_id })
        },
        { javaScriptEnabled },
      ),
  )

for (const javaScriptEnabled of [true, false])
  test(
    `an import of 1,000 lines shows its progress and what was not taken, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`,
    { skip },
    () =>
      withWindow(
        browser,
        async (page, context) => {
          await asOperator(context)
          await page.goto(`${site.url}/console/imports`)
          const lines = Array.from({ length: 1000 }, (_, i) =>
            i % 100 === 7
              ? `{"email": "broken${i}`
              : JSON.stringify({
                  email: `import-${javaScriptEnabled}-${i}@example.com`,
                  email_confirmed_at: '2026-01-01T00:00:00Z',
                }),
          )
          await page.getByLabel('File', { exact: true }).setInputFiles({
            name: 'people.ndjson',
            mimeType: 'application/x-ndjson',
            buffer: Buffer.from(lines.join('\n')),
          })
          await page.getByRole('button', { name: 'Import' }).click()
          await heading(page, 'people.ndjson')
          await page.getByText('Done', { exact: true }).waitFor({ timeout: 60_000 })
          await page.getByText('1,000 / 1,000').waitFor()
          const created = page.locator('dl.facts div').filter({ hasText: 'Created' })
          await created.getByText('990').waitFor()
          await page.locator('tbody tr').nth(9).waitFor()
          assert.equal(await page.locator('tbody tr').count(), 10)
          const [row] = await site.server.sql<{ n: number }>(
            `select count(*)::int as n from auth.users where email like 'import-${javaScriptEnabled}-%'`,
          )
          assert.equal(row?.n, 990)
          if (javaScriptEnabled) await tourPage(page, 'console-import')
        },
        { javaScriptEnabled },
      ),
  )

test('a changed template shows its preview, the names that it uses, and where it is wrong', { skip }, () =>
  withWindow(
    browser,
    async (page, context) => {
      await asOperator(context)
      await page.goto(`${site.url}/console/mails/recovery`)
      const frame = page.frameLocator('iframe')
      await frame.getByText('Reset your password').first().waitFor()
      await page.getByLabel('Subject').fill('Hello {{ .Data.full_name }}')
      await page
        .getByLabel('Body')
        .fill('<h1>Code {{ .Token }}</h1><script>top.location = "https://evil.example"</script>')
      await page.getByRole('button', { name: 'Show preview' }).click()
      await frame.getByText('Hello Ada Lovelace').waitFor()
      await frame.getByRole('heading', { name: 'Code 123456' }).waitFor()
      await frame.getByText('Data.full_name, Token').waitFor()
      assert.equal(new URL(page.url()).pathname, '/console/mails/recovery')
      await page.getByLabel('Body').fill('{{ if }}')
      await page.getByRole('button', { name: 'Show preview' }).click()
      await frame.getByText(/line 1, column 1: /).waitFor()
      await page.getByLabel('Send it to').fill('inbox@example.com')
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByText('The test mail to inbox@example.com is on its way.').waitFor()
      assert.equal((await site.server.nextMail('inbox@example.com')).subject, 'Reset your password')
    },
    { expects: [/Blocked script execution/] },
  ),
)

test('a link of the shell opens the console by a button, once, and it is left again', { skip }, () =>
  withWindow(browser, async (page) => {
    const address = `${site.url}/console/enter?link=${await newLink()}`
    await page.goto(address)
    await heading(page, 'Open the console')
    await tourPage(page, 'console-enter')
    await page.getByRole('button', { name: 'Open the console' }).click()
    await heading(page, 'Overview')
    await page.getByText('grace').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await heading(page, 'You left the console')
    await page.goto(`${site.url}/console/people`)
    assert.match(page.url(), /\/pages\/sign-in/)
    await page.goto(address)
    await page.getByRole('button', { name: 'Open the console' }).click()
    await heading(page, 'This link is over')
  }),
)

test('metadata is edited as JSON, and what is no object is refused with what was typed', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await asOperator(context)
    await page.goto(`${site.url}/console/people/${ada.id}`)
    await page.getByLabel('user_metadata').fill('{"plan": ')
    await page.getByRole('button', { name: 'Save metadata' }).click()
    await page.getByRole('alert').getByText('user_metadata must be an object of JSON').waitFor()
    assert.equal(await page.getByLabel('user_metadata').inputValue(), '{"plan": ')
    await tourPage(page, 'console-person-error')
    await page.getByLabel('user_metadata').fill('{"plan": "pro"}')
    await page.getByRole('button', { name: 'Save metadata' }).click()
    await page.getByText('The metadata was saved.').waitFor()
    const { body } = await site.server.request('GET', `/admin/users/${ada.id}`, { as: 'service_role' })
    assert.deepEqual(body.user_metadata, { plan: 'pro' })
  }),
)

test('several people are deleted for good after they were named', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await asOperator(context)
    await page.goto(`${site.url}/console/people?q=person1`)
    await page.getByLabel('Select all').check()
    await page.getByRole('button', { name: 'Delete' }).click()
    await heading(page, 'Delete 3 people for good')
    await page.getByText('person10@example.com').waitFor()
    await tourPage(page, 'console-bulk')
    await page.getByRole('button', { name: 'Delete 3 people for good' }).click()
    await page.getByText('3 people were deleted.').waitFor()
    assert.deepEqual(await site.server.sql(`select from auth.users where email like 'person1%'`), [])
  }),
)

const pages: Record<string, string> = {
  overview: '/console',
  people: '/console/people',
  'people-new': '/console/people/new',
  audit: '/console/audit',
  imports: '/console/imports',
  providers: '/console/providers',
  'provider-new': '/console/providers/custom/new',
  organizations: '/console/organizations',
  applications: '/console/applications',
  'application-new': '/console/applications/new',
  mails: '/console/mails',
  mail: '/console/mails/confirmation',
  hooks: '/console/hooks',
  keys: '/console/keys',
  settings: '/console/settings',
  doctor: '/console/doctor',
}

for (const [name, path] of Object.entries(pages))
  test(`the page ${path} is without faults in every look, and under 60 KB`, { skip }, () =>
    withWindow(browser, async (page, context) => {
      await asOperator(context)
      const answer = await page.goto(`${site.url}${path}`)
      assert.equal(answer?.status(), 200)
      assert.ok(Number((await answer?.body())?.length) < 61_440)
      await tourPage(page, `console-${name}`, { width: 1280 })
      if (['overview', 'people'].includes(name)) await tourInArabic(page, `${site.url}${path}`, `console-${name}`)
    }),
  )

test('a person is shown with everything, and what they write of themselves is text', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await asOperator(context)
    await page.goto(`${site.url}/console/people/${ada.id}`)
    await heading(page, 'ada@example.com')
    await tourPage(page, 'console-person', { width: 1280 })
    await page.goto(`${site.url}/console/people/${ada.id}/delete`)
    await tourPage(page, 'console-delete')
  }),
)

test('the audit log shows what happens while somebody watches', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await asOperator(context)
    await page.goto(`${site.url}/console/audit?live=true`)
    const made = await site.server.user({ email: 'live@example.com' })
    await page.getByRole('link', { name: made.user.email }).first().waitFor({ timeout: 20_000 })
  }),
)
