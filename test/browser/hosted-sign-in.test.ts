// Hosted sign-in in a real browser: each page looked at, by keyboard, and without JavaScript.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Response } from 'playwright-core'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { tourInArabic, tourPage, withWindow } from '../support/page-tour.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
let site: PageServer
let people = 0
const newAddress = () => `hosted${++people}@example.com`

before(async () => {
  if (skip) return
  site = await startPageServer((origin) => ({
    GOTRUE_SITE_URL: origin,
    GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
    GOTRUE_EXTERNAL_GOOGLE_ENABLED: 'true',
    GOTRUE_EXTERNAL_GOOGLE_CLIENT_ID: 'client',
    GOTRUE_EXTERNAL_GOOGLE_SECRET: 'secret',
    GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
    GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client',
    GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
    GOTRUE_PASSKEY_ENABLED: 'true',
    GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
    GOTRUE_WEBAUTHN_RP_ID: 'localhost',
    GOTRUE_WEBAUTHN_RP_ORIGINS: origin,
    GOTRUE_PASSWORD_REQUIRED_CHARACTERS: 'abcdefghijklmnopqrstuvwxyz:0123456789',
  }))
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
})

const linkOf = (html: string): string => (/href="([^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&')

test('signing in by keyboard, with what is wrong told first', { skip }, () =>
  withWindow(browser, async (page) => {
    const { user } = await site.server.user({ email: newAddress() })
    await page.goto(`${site.url}/pages/sign-in`)
    await tourPage(page, 'sign-in')
    await tourInArabic(page, `${site.url}/pages/sign-in`, 'sign-in')
    await page.getByLabel('Email address').focus()
    await page.keyboard.type(user.email)
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('Enter your password').waitFor()
    // What is wrong is read first.
    await page.locator('#errors:focus').waitFor()
    await tourPage(page, 'sign-in-error')
    await page.getByRole('link', { name: 'Enter your password' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Password', { exact: true }).and(page.locator(':focus')).waitFor()
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/pages\/account/)
    await page.goto(`${site.url}/pages/sign-out`)
    await tourPage(page, 'sign-out')
    await page.getByRole('button', { name: 'Sign out' }).press('Enter')
    await page.getByText('You are signed out').waitFor()
    await tourPage(page, 'signed-out')
  }),
)

test(
  'an account is made: rules are ticked off while somebody types, and the mail is confirmed by a button',
  { skip },
  () =>
    withWindow(browser, async (page) => {
      const email = newAddress()
      await page.goto(`${site.url}/pages/sign-up`)
      const field = page.getByLabel('Password', { exact: true })
      await page.getByLabel('Email address').fill(email)
      await field.fill('abcdef')
      await tourPage(page, 'sign-up')
      await tourInArabic(page, `${site.url}/pages/sign-up`, 'sign-up')
      await field.fill('abcdef')
      assert.equal(await page.locator('.rules .kept').count(), 2)
      await page.getByRole('button', { name: 'Show' }).click()
      assert.equal(await field.getAttribute('type'), 'text')
      await field.fill('abcdef7')
      assert.equal(await page.locator('.rules .kept').count(), 3)
      await page.getByLabel('Email address').fill(email)
      await page.getByRole('button', { name: 'Create account' }).click()
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
      await tourPage(page, 'check-mail')
      await page.goto(linkOf((await site.server.nextMail(email)).html))
      await page.getByRole('heading', { name: 'Confirm your email address' }).waitFor()
      await tourPage(page, 'confirm')
      const link = page.url()
      await page.getByRole('button').click()
      await page.waitForURL(/\/pages\/account/)
      await page.goto(link)
      await page.getByRole('button').click()
      await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
      await tourPage(page, 'link-gone')
    }),
)

test('without JavaScript a forgotten password is set anew', { skip }, () =>
  withWindow(
    browser,
    async (page) => {
      const { user } = await site.server.user({ email: newAddress() })
      await page.goto(`${site.url}/pages/sign-in`)
      assert.equal(await page.getByRole('button', { name: /passkey|Ethereum|Show/ }).count(), 0)
      await page.getByRole('link', { name: 'Forgot your password?' }).click()
      await page.getByLabel('Email address').fill(user.email)
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
      await page.goto(linkOf((await site.server.nextMail(user.email)).html))
      await page.getByRole('button').click()
      await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
      await page.getByLabel('New password').fill('another horse 7')
      await page.getByRole('button', { name: 'Set password' }).click()
      await page.getByText('Your password is set').waitFor()
    },
    { javaScriptEnabled: false },
  ),
)

test('the pages around passwords look as they should', { skip }, () =>
  withWindow(browser, async (page) => {
    const { user } = await site.server.user({ email: newAddress() })
    await page.goto(`${site.url}/pages/forgot-password`)
    await tourPage(page, 'forgot-password')
    await page.goto(`${site.url}/pages/sign-in?redirect_to=/pages/new-password`)
    await page.getByLabel('Email address').fill(user.email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
    await tourPage(page, 'new-password')
    await page.goto(`${site.url}/pages/nowhere`)
    await tourPage(page, 'not-found')
  }),
)

test('a page with everything weighs less than 60 KB, styles and scripts and all', { skip }, () =>
  withWindow(browser, async (page) => {
    const sizes: Promise<number>[] = []
    const sizeOf = async (response: Response) =>
      (await response.body()).length + JSON.stringify(response.headers()).length
    page.on('response', (response) => void sizes.push(sizeOf(response)))
    await page.goto(`${site.url}/pages/sign-in`, { waitUntil: 'networkidle' })
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    assert.ok(bytes > 5000 && bytes < 60_000, `${bytes} bytes`)
  }),
)
