// The account page in a real browser: every page looked at, by keyboard where it counts, with and without JavaScript.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { totpCode } from '../../src/crypto/totp.ts'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { tourInArabic, tourPage, withWindow } from '../support/page-tour.ts'
import type { SignedIn } from '../support/server.ts'
import { newVisitor, signInToPages } from '../support/visitor.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
let site: PageServer
let people = 0

before(async () => {
  if (skip) return
  site = await startPageServer((origin) => ({
    GOTRUE_SITE_URL: origin,
    GOTRUE_URI_ALLOW_LIST: 'https://shop.example/**',
    POSTERN_ACCOUNT_FIELDS: 'full_name,locale,company',
    GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
    GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
    GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client',
    GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
    GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
    GOTRUE_SMS_TEST_OTP: '15551234567:123456',
    GOTRUE_PASSKEY_ENABLED: 'true',
    GOTRUE_MFA_WEB_AUTHN_ENROLL_ENABLED: 'true',
    GOTRUE_MFA_WEB_AUTHN_VERIFY_ENABLED: 'true',
    GOTRUE_WEBAUTHN_RP_ID: 'localhost',
    GOTRUE_WEBAUTHN_RP_ORIGINS: origin,
  }))
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
})

/** A person who is signed in to the pages in a browser window. */
async function signedIn(context: BrowserContext, more: Record<string, unknown> = {}): Promise<SignedIn> {
  const person = await site.server.user({ email: `ada${++people}@example.com`, ...more })
  const handle = await signInToPages(site.server, newVisitor(site.server), person)
  await context.addCookies([{ name: 'postern', value: handle, url: site.url, httpOnly: true, sameSite: 'Lax' }])
  return person
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor()

/** An authenticator that says yes to everything. */
async function withAuthenticator(context: BrowserContext, page: Page, transport: 'internal' | 'usb'): Promise<void> {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: transport === 'internal',
      hasUserVerification: transport === 'internal',
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

test('people see and change their details, address and number', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await signedIn(context, { user_metadata: { full_name: 'Ada Lovelace' } })
    await page.goto(`${site.url}/pages/account`)
    await tourPage(page, 'account')
    await tourInArabic(page, `${site.url}/pages/account`, 'account')
    await page.getByRole('link', { name: 'Edit About you' }).click()
    await page.getByLabel('Full name').fill('Ada King <b>&"')
    await page.getByLabel('Company').fill('Analytical Engines')
    await tourPage(page, 'account-edit')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Ada King <b>&"').waitFor()
    await page.getByRole('link', { name: 'Change Email address' }).press('Enter')
    await page.getByRole('button', { name: 'Send a link' }).click()
    await page.getByRole('alert').getByText('Enter an email address').waitFor()
    await tourPage(page, 'account-email-error')
    await page.getByLabel('New email address').fill(`king${people}@example.com`)
    await page.keyboard.press('Enter')
    await page.getByText('waits for the link').waitFor()
    await page.getByRole('link', { name: 'Add Phone number' }).click()
    await page.getByLabel('New phone number').fill('+1 555 123 4567')
    await tourPage(page, 'account-phone')
    await page.getByRole('button', { name: 'Send a code' }).click()
    await page.getByLabel('Code').fill('123456')
    await tourPage(page, 'account-phone-code')
    await page.keyboard.press('Enter')
    await page.getByText('Your phone number was changed').waitFor()
    await tourPage(page, 'account-changed')
  }),
)

test('a passkey is made and named; accounts elsewhere can be linked', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await signedIn(context)
    await withAuthenticator(context, page, 'internal')
    await page.goto(`${site.url}/pages/account/sign-in`)
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await heading(page, 'Add a passkey')
    await tourPage(page, 'account-passkey-add')
    await page.getByRole('button', { name: 'Create the passkey' }).click()
    await page.getByLabel('Name').fill('My laptop')
    await tourPage(page, 'account-passkey-name')
    await page.keyboard.press('Enter')
    await page.getByText('My laptop').first().waitFor()
    await tourPage(page, 'account-sign-in')
    await page.getByRole('button', { name: 'Link GitHub' }).click()
    await heading(page, 'Link your account at GitHub')
    await tourPage(page, 'account-link')
    assert.match(
      (await page.getByRole('link', { name: 'Go to GitHub' }).getAttribute('href')) ?? '',
      /^https:\/\/github\.com\/login\/oauth/,
    )
    await page.goto(`${site.url}/pages/account/sign-in`)
    await page.getByRole('link', { name: 'Remove My laptop' }).click()
    await tourPage(page, 'account-passkey-remove')
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('The passkey was removed').waitFor()
  }),
)

test('an authenticator app, recovery codes and a security key become second steps', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await signedIn(context)
    await page.goto(`${site.url}/pages/account/factors`)
    await tourPage(page, 'account-factors-none')
    await page.getByRole('link', { name: 'Add Authenticator app' }).click()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('img', { name: /QR code/ }).waitFor()
    await tourPage(page, 'account-totp')
    const secret = ((await page.locator('.authenticator code').textContent()) ?? '').replaceAll(' ', '')
    await page.getByLabel('Code that the app shows').fill('000000')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('This code is not right').waitFor()
    await tourPage(page, 'account-totp-error')
    await page.getByLabel('Code that the app shows').fill(totpCode(secret, Date.now() / 1000))
    await page.keyboard.press('Enter')
    await page.getByText('Your second step is set up').waitFor()
    await page.getByRole('button', { name: 'Make recovery codes' }).click()
    await heading(page, 'Your recovery codes')
    assert.equal(await page.locator('.codes li').count(), 10)
    await tourPage(page, 'account-recovery-codes')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'recovery-codes.txt')
    await page.getByRole('link', { name: 'I have kept them' }).click()
    await withAuthenticator(context, page, 'usb')
    await page.getByRole('link', { name: 'Add Security key' }).click()
    await page.getByRole('button', { name: 'Next' }).click()
    await heading(page, 'Set up a security key')
    await tourPage(page, 'account-security-key')
    await page.getByRole('button', { name: 'Use your security key' }).click()
    await page.getByText('Your second step is set up').waitFor()
    await tourPage(page, 'account-factors')
    await tourInArabic(page, `${site.url}/pages/account/factors`, 'account-factors')
    await page.getByRole('link', { name: 'Remove Security key' }).click()
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('It was removed').waitFor()
  }),
)

test('without JavaScript people set a password, see their devices and sign out of them', { skip }, () =>
  withWindow(
    browser,
    async (page, context) => {
      const { user } = await signedIn(context)
      await site.server.request('POST', '/token?grant_type=password', {
        body: { email: user.email, password: 'correct horse battery staple' },
        headers: {
          'user-agent':
            'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1',
        },
        address: '203.0.113.9',
      })
      await page.goto(`${site.url}/pages/account/devices`)
      await page.getByText('Safari on iPhone').first().waitFor()
      await page.getByRole('button', { name: 'Sign out Safari on iPhone' }).click()
      await page.getByText('The device was signed out').waitFor()
      await page.goto(`${site.url}/pages/account/password`)
      await page.getByLabel('New password').fill('another horse battery')
      await page.getByRole('button', { name: 'Save password' }).click()
      await page.getByText('Your password was changed').waitFor()
      await page.goto(`${site.url}/pages/account/factors/add/totp`)
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('img', { name: /QR code/ }).waitFor()
      await page.goto(`${site.url}/pages/account/devices`)
      await page.getByRole('link', { name: 'Sign out everywhere', exact: true }).click()
      await page.getByRole('button', { name: 'Sign out everywhere' }).click()
      await page.waitForURL(/\/pages\/sign-in/)
    },
    { javaScriptEnabled: false },
  ),
)

test('devices, the question of an application and its end', { skip }, () =>
  withWindow(browser, async (page, context) => {
    const { user } = await signedIn(context)
    const agents = [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
    ]
    for (const agent of agents)
      await site.server.request('POST', '/token?grant_type=password', {
        body: { email: user.email, password: 'correct horse battery staple' },
        headers: { 'user-agent': agent },
        address: '203.0.113.9',
      })
    await page.goto(`${site.url}/pages/account/devices`)
    await tourPage(page, 'account-devices')
    await page.goto(`${site.url}/pages/account/devices/all`)
    await tourPage(page, 'account-sign-out-all')
    await page.goto(`${site.url}/authorize?provider=postern&redirect_to=https://shop.example/welcome`)
    await heading(page, 'Sign in to shop.example')
    await tourPage(page, 'continue')
    await tourInArabic(page, page.url(), 'continue')
    await page.route('https://shop.example/**', (route) => route.fulfill({ body: 'welcome' }))
    await page.getByRole('button', { name: 'Continue as' }).press('Enter')
    await page.waitForURL(/^https:\/\/shop\.example\/welcome#access_token=/)
    await page.goBack()
    await page.reload()
    await heading(page, 'This sign-in is over')
    await tourPage(page, 'continue-over')
  }),
)
