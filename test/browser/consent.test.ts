// An application and a device are let in by a person in a real browser: each page looked at, by keyboard, and without JavaScript.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { applicationServer, askTokens, proofKey } from '../support/applications.ts'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { tourInArabic, tourPage, withWindow } from '../support/page-tour.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
let site: PageServer
let application: Server
let redirect_uri: string

before(async () => {
  if (skip) return
  application = createServer((_, response) => response.end('back at the application')).listen(0, '127.0.0.1')
  await new Promise((resolve) => application.once('listening', resolve))
  redirect_uri = `http://127.0.0.1:${Object(application.address()).port}/callback`
  site = await startPageServer((origin) => ({
    ...applicationServer,
    GOTRUE_JWT_ISSUER: origin,
    GOTRUE_OAUTH_SERVER_AUTHORIZATION_PATH: '',
    POSTERN_OAUTH_FEATURES: 'all',
  }))
})
after(async () => {
  if (skip) return
  await browser.close()
  application.close()
  await site.close()
})

async function register(more: object) {
  const body = { redirect_uris: [redirect_uri], token_endpoint_auth_method: 'none', client_name: 'Orders', ...more }
  return String((await site.server.request('POST', '/oauth/clients/register', { body })).body.client_id)
}

test('an application is let in after the sign-in that it began, by keyboard', { skip }, () =>
  withWindow(browser, async (page) => {
    const { user } = await site.server.user({ email: 'consent@example.com' })
    const client_id = await register({})
    const { code_verifier, code_challenge } = proofKey()
    const query = new URLSearchParams({
      ...{ client_id, redirect_uri, scope: 'openid email profile', state: 's-1' },
      ...{ code_challenge, code_challenge_method: 'S256' },
    })
    const signIn = async () => {
      await page.goto(`${site.url}/oauth/authorize?${query}`)
      await page.getByLabel('Email address').fill(user.email)
      await page.getByLabel('Password').fill(password)
      await page.keyboard.press('Enter')
    }
    await signIn()
    await page.getByRole('heading', { name: 'Let Orders use your account?' }).waitFor()
    await tourPage(page, 'consent')
    await tourInArabic(page, page.url(), 'consent')
    await page.getByRole('button', { name: 'Allow', exact: true }).press('Enter')
    await page.getByText('back at the application').waitFor()
    const back = new URL(page.url()).searchParams
    assert.deepEqual([back.get('state'), back.get('iss')], ['s-1', site.url])
    const code = back.get('code') ?? ''
    const form = { grant_type: 'authorization_code', client_id, code, code_verifier, redirect_uri }
    assert.equal((await askTokens(site.server, form)).status, 200)

    // Another day: the form of the sign-in must not be held up on its way to the application, which nobody is asked about.
    await page.context().clearCookies()
    await signIn()
    await page.waitForURL((url) => url.href.startsWith(redirect_uri) && url.searchParams.get('code') !== code)
    await page.getByText('back at the application').waitFor()
  }),
)

const letDeviceIn = (email: string, javaScriptEnabled: boolean) =>
  withWindow(
    browser,
    async (page) => {
      // The tool that looks at pages needs JavaScript itself.
      const look = async (name: string) => javaScriptEnabled && tourPage(page, name)
      const { user } = await site.server.user({ email })
      const client_id = await register({ grant_types: [grant_type, 'refresh_token'], client_name: 'Television' })
      const form = { client_id, scope: 'email' }
      const { body } = await site.server.request('POST', '/oauth/device_authorization', { form })
      await page.goto(String(body.verification_uri_complete))
      await page.getByLabel('Email address').fill(user.email)
      await page.getByLabel('Password').fill(password)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Connect a device' }).waitFor()
      assert.equal(await page.getByLabel('Code').inputValue(), String(body.user_code))
      await look('device')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('heading', { name: 'Connect this device to Television?' }).waitFor()
      await look('device-confirm')
      await page.getByRole('button', { name: 'Connect the device' }).click()
      await page.getByText('The device is connected').waitFor()
      const poll = { grant_type, client_id, device_code: String(body.device_code) }
      assert.equal((await askTokens(site.server, poll)).status, 200)
    },
    { javaScriptEnabled },
  )

test('a device is let in, from the code in its address to the word that it is connected', { skip }, () =>
  letDeviceIn('device@example.com', true),
)

test('a device is let in without JavaScript too', { skip }, () => letDeviceIn('plain@example.com', false))
