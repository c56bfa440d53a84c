// The pages of `postern dev` in a real browser: the inbox, the page behind a link, and the development provider.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTransport } from 'nodemailer'
import type { Browser, Page } from 'playwright-core'
import { testBrowser } from '../support/chromium.ts'
import { ownPort } from '../support/own-port.ts'
import { type DevProcess, startDev } from '../support/process.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
let dev: DevProcess
let state_dir: string
/** The application's site, which the links lead to. */
let site: Server
let site_url: string
/** Requests that reached the site. */
const visits: string[] = []

before(async () => {
  if (skip) return
  site = createServer((request, response) => {
    visits.push(request.url ?? '')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>My application</h1>')
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  site_url = `http://127.0.0.1:${Object(site.address()).port}/`
  state_dir = await mkdtemp(join(tmpdir(), 'postern-browser-'))
  dev = await startDev({ state_dir, env: { GOTRUE_SITE_URL: site_url } })
})
after(async () => {
  if (skip) return
  await browser.close()
  await dev.stop()
  site.close()
  await rm(state_dir, { recursive: true, force: true })
})

/** Opens a page and fails the test for anything that the browser complains about. */
async function withPage(
  work: (page: Page, complaints: string[]) => Promise<void>,
  options: object = {},
): Promise<void> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  try {
    await work(page, complaints)
  } finally {
    await context.close()
  }
}

const signUp = (email: string) =>
  fetch(`${dev.url}/auth/v1/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })

test('a mail shows up without a reload; its link leads by a page with a button to the site, signed in', { skip }, () =>
  withPage(async (page, complaints) => {
    await page.goto(`${dev.url}/__inbox`)
    await signUp('walk@example.com')
    const entry = page.getByRole('navigation').getByRole('button').filter({ hasText: 'walk@example.com' })
    await entry.click()
    const popup = page.waitForEvent('popup')
    await page.frameLocator('iframe').getByRole('link').first().click()
    const confirm = await popup
    await confirm.waitForLoadState()
    await confirm.getByRole('heading', { name: 'Confirm your email address' }).waitFor()
    await confirm.getByRole('button', { name: 'Confirm your email address' }).click()
    await confirm.waitForURL((url) => url.href.startsWith(site_url))
    const fragment = new URLSearchParams(new URL(confirm.url()).hash.slice(1))
    assert.equal(fragment.get('type'), 'signup')
    const person = await fetch(`${dev.url}/auth/v1/user`, {
      headers: { authorization: `Bearer ${fragment.get('access_token')}` },
    })
    assert.equal(Object(await person.json()).email, 'walk@example.com')
    assert.deepEqual(complaints, [])
  }),
)

test('a hostile mail runs no script, loads nothing, and cannot reach the page around it', { skip }, () =>
  withPage(async (page) => {
    const port = Number(/Mail \(SMTP\) +127\.0\.0\.1:(\d+)/.exec(dev.output())?.[1])
    const mail = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true })
    await mail.sendMail({
      from: 'evil@example.com',
      to: 'victim@example.com',
      subject: '<img src=x onerror="document.title=1">',
      html: `<p>Hello</p><script>parent.document.title = 'taken'; fetch('${site_url}script')</script>
        <img src="${site_url}pixel"><iframe src="${site_url}frame"></iframe><form action="${site_url}form"><button>Go</button></form>`,
    })
    await page.goto(`${dev.url}/__inbox`)
    await page.getByRole('navigation').getByRole('button').filter({ hasText: 'victim@example.com' }).click()
    await page.frameLocator('iframe').getByText('Hello').waitFor()
    const title = await page.title()
    assert.ok(!/taken|^1$/.test(title), title)
    assert.doesNotMatch(
      (await page.locator('iframe').getAttribute('sandbox')) ?? 'allow-scripts',
      /allow-scripts|allow-same-origin/,
    )
    assert.deepEqual(
      visits.filter((url) => /script|pixel|frame|form/.test(url)),
      [],
    )
  }),
)

/** An address of this machine where nothing listens. */
const absentSite = async () => `http://127.0.0.1:${await ownPort()}/`

test('where nothing runs at the site, a page says who is signed in, what the token says and what to do', { skip }, () =>
  withPage(async (page, complaints) => {
    const absent = await absentSite()
    await page.goto(`${dev.url}/auth/v1/authorize?provider=keycloak&redirect_to=${encodeURIComponent(absent)}`)
    await page.getByLabel('E-mail address').fill('nobody-home@example.com')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Signed in as nobody-home@example.com' }).waitFor()
    assert.match((await page.getByRole('row', { name: /^aud/ }).textContent()) ?? '', /authenticated/)
    const onward = await page.getByRole('link', { name: 'go on to it' }).getAttribute('href')
    assert.match(onward ?? '', new RegExp(`^${absent}#access_token=ey`))
    assert.deepEqual(complaints, [])
  }),
)

test('where nothing runs at the site, the button of a mailed link and the pages lead to that page too', { skip }, () =>
  withPage(async (page, complaints) => {
    const absent = await absentSite()
    const email = 'nobody-there@example.com'
    await fetch(`${dev.url}/auth/v1/signup?redirect_to=${encodeURIComponent(absent)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    await page.goto((await dev.nextMail(email)).link)
    await page.getByRole('button', { name: 'Confirm your email address' }).click()
    await page.getByRole('heading', { name: `Signed in as ${email}` }).waitFor()
    await page.goto(`${dev.url}/auth/v1/authorize?provider=postern&redirect_to=${encodeURIComponent(absent)}`)
    await page.getByLabel('Email address or phone number').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('button', { name: `Continue as ${email}` }).click()
    await page.getByRole('heading', { name: `Signed in as ${email}` }).waitFor()
    assert.deepEqual(complaints, [])
  }),
)

test('the development provider signs in by keyboard alone, on a narrow screen in the dark', { skip }, () =>
  withPage(
    async (page, complaints) => {
      await page.goto(`${dev.url}/auth/v1/authorize?provider=keycloak&redirect_to=${encodeURIComponent(site_url)}`)
      await page.getByRole('heading', { name: 'Who are you today?' }).waitFor()
      await page.locator('input:focus').waitFor()
      // Anything wider would have to be scrolled sideways.
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'))
      assert.ok(width <= 360, `${width} px wide`)
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.type('keyboard@example.com')
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.href.startsWith(site_url))
      assert.match(page.url(), /#access_token=/)
      assert.deepEqual(complaints, [])
    },
    { viewport: { width: 360, height: 640 }, colorScheme: 'dark' },
  ),
)

test(
  'the pages are there by themselves, lead under another name of the machine to their own, and sign in',
  { skip },
  () =>
    withPage(async (page, complaints) => {
      const address = /Pages +(\S+)/.exec(dev.output())?.[1] ?? ''
      assert.match(address, /^http:\/\/localhost:\d+\/pages\/sign-in$/)
      await page.goto(address.replace('localhost', '127.0.0.1'))
      assert.equal(page.url(), address)
      await page.getByRole('link', { name: 'Continue with Keycloak' }).click()
      await page.getByLabel('E-mail address').fill('through-pages@example.com')
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.pathname === '/pages/account')
      await page.getByText('through-pages@example.com').first().waitFor()
      assert.deepEqual(complaints, [])
    }),
)
