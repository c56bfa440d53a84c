// Pages lead back to an application in a real browser, whose policy for forms has its say: after a sign-in, and from a mail.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { withWindow } from '../support/page-tour.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
let site: PageServer
let application: Server
let home: string

before(async () => {
  if (skip) return
  application = createServer((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>App</title><h1>My application</h1>')
  })
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
  home = `http://127.0.0.1:${Object(application.address()).port}/`
  site = await startPageServer(() => ({ GOTRUE_SITE_URL: home, POSTERN_VERIFY_CONFIRM: 'true' }))
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
  application.close()
})

const expects = [/favicon/]

test('after a sign-in the browser goes on to the allowed address that was asked for, without tokens', { skip }, () =>
  withWindow(
    browser,
    async (page) => {
      const { user } = await site.server.user({ email: 'leaves@example.com' })
      await page.goto(`${site.url}/pages/sign-in?${new URLSearchParams({ redirect_to: `${home}in?a=1` })}`)
      await page.getByLabel('Email address').fill(user.email)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'My application' }).waitFor()
      assert.equal(page.url(), `${home}in?a=1`)
    },
    { expects },
  ),
)

test('a link that an application asked for goes back to it by a button, with what it waits for', { skip }, () =>
  withWindow(
    browser,
    async (page) => {
      const { user } = await site.server.user({ email: 'mailed@example.com' })
      const body = { email: user.email }
      await site.server.request('POST', `/magiclink?redirect_to=${home}after`, { body })
      const { html } = await site.server.nextMail(user.email)
      await page.goto((/href="([^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&'))
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'My application' }).waitFor()
      assert.match(page.url(), new RegExp(`^${home}after#access_token=ey`))
    },
    { expects },
  ),
)

test('a page cannot be framed', { skip }, () =>
  withWindow(
    browser,
    async (page) => {
      await page.goto(home)
      await page.setContent(`<iframe src="${site.url}/pages/sign-in"></iframe>`)
      const frame = page.frames().find((one) => one !== page.mainFrame())
      const text = await frame?.evaluate('document.body?.textContent ?? ""').catch(() => '')
      assert.doesNotMatch(String(text), /Email address/)
    },
    { expects: [...expects, /frame-ancestors|X-Frame-Options|Refused to (frame|display)/i] },
  ),
)

test(
  'an application may open the pages in a window of its own, and still speaks with it when it comes back',
  { skip },
  () =>
    withWindow(
      browser,
      async (page) => {
        const { user } = await site.server.user({ email: 'popup@example.com' })
        await page.goto(home)
        const opened = page.waitForEvent('popup')
        await page.evaluate(`window.open('${site.url}/pages/sign-in?redirect_to=${home}back')`)
        const popup = await opened
        await popup.getByLabel('Email address').fill(user.email)
        await popup.getByLabel('Password', { exact: true }).fill(password)
        await popup.keyboard.press('Enter')
        await popup.getByRole('heading', { name: 'My application' }).waitFor()
        assert.equal(await popup.evaluate('window.opener !== null && window.opener.location.href'), home)
      },
      { expects },
    ),
)
