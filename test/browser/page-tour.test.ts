// Every page that opens without a story before it, in Arabic, in German, whose words are long, on a narrow dark screen: none is
// forgotten, since the rows are those of the page table.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext } from 'playwright-core'
import { pagesForOperators, pagesForPeople } from '../../src/pages/page-table.ts'
import { applicationServer } from '../support/applications.ts'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { fitsWindow, tourInArabic, withLocale, withWindow } from '../support/page-tour.ts'
import { type AppOwner, ownerOfApp } from '../support/second-factors.ts'
import { newVisitor, signInToPages } from '../support/visitor.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
let site: PageServer

before(async () => {
  if (skip) return
  site = await startPageServer((origin) => ({
    ...applicationServer,
    GOTRUE_SITE_URL: origin,
    POSTERN_OAUTH_FEATURES: 'device,iss',
    POSTERN_CONSOLE: 'true',
    POSTERN_PAGES_URL: origin,
    GOTRUE_CUSTOM_OAUTH_ENABLED: 'true',
    POSTERN_ACCOUNT_FIELDS: 'full_name,given_name,family_name,nickname,company,website,locale',
    GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
    GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
    GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
    GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client',
    GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
    GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
    GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
    GOTRUE_PASSKEY_ENABLED: 'true',
    GOTRUE_MFA_WEB_AUTHN_ENROLL_ENABLED: 'true',
    GOTRUE_MFA_WEB_AUTHN_VERIFY_ENABLED: 'true',
    GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true',
    GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
    GOTRUE_MFA_RECOVERY_CODES_ENROLL_ENABLED: 'true',
    GOTRUE_MFA_RECOVERY_CODES_VERIFY_ENABLED: 'true',
    GOTRUE_WEBAUTHN_RP_ID: 'localhost',
    GOTRUE_WEBAUTHN_RP_ORIGINS: origin,
  }))
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
})

/** Pages that need a story before them; the tests of their stories look at them. */
const ofStories = [
  '/pages/with/:provider',
  '/pages/callback',
  '/pages/link',
  '/pages/organization',
  '/pages/enter-code',
  '/pages/confirm',
  '/pages/continue',
  '/pages/consent',
  '/pages/device/confirm',
  '/pages/second-factor',
  '/pages/account/passkeys/:id/name',
  '/pages/account/passkeys/:id/remove',
  '/pages/account/phone/code',
  '/pages/account/identities/linked',
  '/pages/account/factors/show',
  '/pages/account/applications/:id/remove',
]

const rows = pagesForPeople.filter(({ method, path }) => method === 'GET' && !ofStories.includes(path))

/** Opens a page, which is there, in both languages. */
async function look(path: string, guard: string, context: BrowserContext): Promise<void> {
  const name = `tour${path.replaceAll(/[\da-f]{8}-[\da-f-]+/g, 'id').replaceAll(/[^a-z]+/g, '-')}`
  const page = await context.newPage()
  await page.setViewportSize({ width: 360, height: 760 })
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  const answer = await page.goto(withLocale(`${site.url}${path}`, 'de'))
  assert.equal(answer?.status(), 200, path)
  const isLed = new URL(page.url()).pathname !== path
  // What leads everybody on has nothing to look at; whoever may see a page is not led away from it.
  if (isLed && guard === 'anyone') return page.close()
  assert.ok(!isLed, `${path} opens`)
  assert.equal(await page.locator('h1').count(), 1, `${path} has one heading`)
  await fitsWindow(page, name)
  await tourInArabic(page, `${site.url}${path}`, name)
  await page.close()
}

test('pages for everybody', { skip }, () =>
  withWindow(browser, async (_, context) => {
    for (const { path, guard } of rows) if (guard === 'anyone') await look(path, guard, context)
  }),
)

test('pages for people who are signed in', { skip }, () =>
  withWindow(browser, async (_, context) => {
    const owner = await ownerOfApp(site.server, {
      email: 'the-longest-address-that-anybody-has@a-subdomain.of-a-long-name.example.com',
      user_metadata: { full_name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft' },
    })
    await enter(context, owner.token)
    for (const { path, guard } of rows)
      if (guard === 'person') for (const address of await addressesOf(path, owner)) await look(address, guard, context)
  }),
)

/** Pages that answer no document, or that are about something that somebody made before. */
const ofOtherThings = /export\.|\/preview$|\/:part$|\/unban$|\/(imports|custom|organizations|applications)\/:id/

test('pages for operators', { skip }, () =>
  withWindow(browser, async (_, context) => {
    const { person, token } = await ownerOfApp(site.server, { email: 'operator@example.com' })
    await site.server.sql(`update auth.users set role = 'service_role' where email = $1`, [person.user.email])
    const { user } = await site.server.user({ email: 'ada@example.com' })
    await site.server.sql('update auth.users set email_confirmed_at = null where id = $1', [user.id])
    await enter(context, token)
    for (const { method, path, guard } of pagesForOperators)
      if (method === 'GET' && guard === 'operator' && !ofOtherThings.test(path))
        await look(path.replace(':id', user.id).replace(':kind', 'recovery'), guard, context)
  }),
)

/** Gives a browser window the session of a token. */
async function enter(context: BrowserContext, access_token: string): Promise<void> {
  const handle = await signInToPages(site.server, newVisitor(site.server), { access_token })
  await context.addCookies([{ name: 'postern', value: handle, url: site.url, httpOnly: true, sameSite: 'Lax' }])
}

/** The addresses of a page: with the ids of what the person has, and each kind of factor. */
async function addressesOf(path: string, { person, factor_id }: AppOwner): Promise<string[]> {
  if (path.endsWith('/:type')) return ['totp', 'phone', 'webauthn'].map((type) => path.replace(':type', type))
  if (path.includes('/factors/:id/')) return [path.replace(':id', factor_id)]
  if (!path.includes('/identities/:id/')) return [path]
  const [identity] = await site.server.sql<{ id: string }>(
    `insert into auth.identities (provider_id, user_id, identity_data, provider)
      values ('7', $1, '{"sub": "7", "email": "ada@example.com"}', 'github') returning id::text`,
    [person.user.id],
  )
  return [path.replace(':id', identity?.id ?? '')]
}
