// The rarer pages of hosted sign-in, looked at in a real browser: second steps, refusals, organizations, linking.
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { totpCode } from '../../src/crypto/totp.ts'
import { testBrowser } from '../support/chromium.ts'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { tourInArabic, tourPage, withWindow } from '../support/page-tour.ts'
import { samlEnv } from '../support/saml-provider.ts'
import { connect } from '../support/saml-sign-in.ts'
import { ownerOfApp, password } from '../support/second-factors.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
let site: PageServer
let mock: MockProviders
let people = 0
const newAddress = () => `looks${++people}@example.com`

before(async () => {
  if (skip) return
  mock = await startMockProviders()
  site = await startPageServer(
    (origin) => ({
      ...samlEnv,
      ...enabled(['github']),
      GOTRUE_EXTERNAL_GITHUB_REDIRECT_URI: `${origin}/callback`,
      GOTRUE_SITE_URL: origin,
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SMS_TEST_OTP: '447700900001:123456',
      GOTRUE_SMS_PROVIDER: 'twilio',
      GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
      GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY: '100000',
    }),
    mock.fetch,
  )
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
  await mock.stop()
})

async function signIn(page: Page, identifier: string): Promise<void> {
  await page.getByLabel('Email address or phone number').fill(identifier)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('the code of an app, and a recovery code in its place', { skip }, () =>
  withWindow(browser, async (page) => {
    const { person, secret, token } = await ownerOfApp(site.server, { email: newAddress() })
    await site.server.request('POST', '/factors/recovery-codes', { token, body: {} })
    await page.goto(`${site.url}/pages/sign-in?redirect_to=/pages/new-password`)
    await signIn(page, person.user.email)
    await page.getByRole('heading', { name: 'Second step' }).waitFor()
    await tourPage(page, 'second-step')
    await tourInArabic(page, `${site.url}/pages/second-factor`, 'second-step')
    await page.goto(`${site.url}/pages/second-factor?factor=recovery&redirect_to=/pages/new-password`)
    await page.getByLabel('Recovery code').fill('not one')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await tourPage(page, 'second-step-wrong')
    await page.getByRole('link', { name: 'Use an authenticator app' }).click()
    await page.getByLabel('Code').fill(totpCode(secret, Date.now() / 1000 + 30))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
  }),
)

test('a phone number signs in by its code', { skip }, () =>
  withWindow(browser, async (page) => {
    await site.server.request('POST', '/admin/users', {
      as: 'service_role',
      body: { phone: '447700900001', phone_confirm: true },
    })
    await page.goto(`${site.url}/pages/sign-in`)
    await page.getByLabel('Email address or phone number').fill('+44 7700 900001')
    await page.getByRole('button', { name: 'Send me a link or code instead' }).click()
    await page.getByRole('heading', { name: 'Check your phone' }).waitFor()
    await tourPage(page, 'check-phone')
    await page.locator('input:focus').waitFor()
    await page.keyboard.type('123456')
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname === '/pages/account')
  }),
)

test('refusals: an address that nobody confirmed, and an account that is blocked', { skip }, () =>
  withWindow(browser, async (page) => {
    const [unconfirmed, blocked] = [newAddress(), newAddress()]
    await site.server.request('POST', '/signup', { body: { email: unconfirmed, password } })
    const { user } = await site.server.user({ email: blocked, password })
    const ban = { as: 'service_role', body: { ban_duration: '1h' } } as const
    await site.server.request('PUT', `/admin/users/${user.id}`, ban)
    await page.goto(`${site.url}/pages/sign-in`)
    await signIn(page, unconfirmed)
    await page.getByRole('heading', { name: 'Confirm your address first' }).waitFor()
    await tourPage(page, 'not-confirmed')
    await page.goto(`${site.url}/pages/sign-in`)
    await signIn(page, blocked)
    await page.getByRole('heading', { name: 'This account is blocked' }).waitFor()
    await tourPage(page, 'banned')
  }),
)

test('an organization is found by the domain of an address', { skip }, () =>
  withWindow(browser, async (page) => {
    await connect(site.server, { domains: ['corp.example'] })
    await page.goto(`${site.url}/pages/organization`)
    await tourPage(page, 'organization')
    await page.getByLabel('Work email address or domain').fill('ada@corp.example')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Continue at corp.example' }).waitFor()
    await tourPage(page, 'organization-found')
  }),
)

test('both accounts are named before an identity is linked', { skip }, () =>
  withWindow(browser, async (page) => {
    mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
    mock.on('https://api.github.com/user', { body: { id: 7, login: 'seven' } })
    const emails = [{ email: 'a-rather-long-address-of-somebody@subdomain.example.com', primary: true, verified: true }]
    mock.on('https://api.github.com/user/emails', { body: emails })
    const { access_token: token } = await site.server.user({ email: newAddress() })
    const path = `/user/identities/authorize?provider=github&redirect_to=${site.url}`
    const { location } = await site.server.request('GET', path, { token })
    const state = new URL(location ?? '').searchParams.get('state') ?? ''
    await page.goto(`${site.url}/callback?${new URLSearchParams({ state, code: 'c' })}`)
    await page.getByRole('heading', { name: 'Link the two accounts?' }).waitFor()
    await tourPage(page, 'link-accounts')
    await page.getByRole('button', { name: 'Link them' }).click()
    await page.waitForURL(/#access_token=/)
  }),
)

test('one captcha serves every form of a page, and is the only thing from elsewhere', { skip }, async () => {
  const service = 'https://challenges.cloudflare.com'
  mock.on(`${service}/turnstile/v0/siteverify`, ({ form }) => ({ body: { success: form.response === 'solved' } }))
  const guarded = await startPageServer(
    () => ({
      GOTRUE_SECURITY_CAPTCHA_ENABLED: 'true',
      GOTRUE_SECURITY_CAPTCHA_PROVIDER: 'turnstile',
      GOTRUE_SECURITY_CAPTCHA_SECRET: 'captcha secret',
      POSTERN_CAPTCHA_SITE_KEY: 'site key',
      GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
    }),
    mock.fetch,
  )
  // The service answers as it does once somebody has solved it: a field in its widget.
  const widget = `const field = document.createElement('input')
    Object.assign(field, { type: 'hidden', name: 'cf-turnstile-response', value: 'solved' })
    document.querySelector('.cf-turnstile[data-sitekey="site key"]').append(field)`
  try {
    await withWindow(browser, async (page) => {
      await page.route(`${service}/**`, (route) => route.fulfill({ contentType: 'text/javascript', body: widget }))
      await page.goto(`${guarded.url}/pages/sign-in`)
      await tourPage(page, 'captcha')
      await page.getByRole('button', { name: 'Continue without an account' }).click()
      await page.waitForURL((url) => url.pathname === '/pages/account')
    })
  } finally {
    await guarded.close()
  }
})
