// The one line: published supabase-js pages on two origins sign people in with `provider: 'postern'`, in a real browser.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { withWindow } from '../support/page-tour.ts'
import { claimsOf, mint } from '../support/server.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
const script = fileURLToPath(new URL('../../node_modules/@supabase/supabase-js/dist/umd/supabase.js', import.meta.url))
let site: PageServer
let applications: Application[] = []
let people = 0

interface Application {
  url: string
  close(): Promise<unknown>
}

/** A page whose only line about signing in is the one of the README. */
const pageOf = (
  flowType: string,
) => `<!doctype html><html lang="en"><title>Application</title><link rel="icon" href="data:,"><script src="/supabase.js"></script>
<h1>Application</h1><button onclick="supabaseClient.auth.signInWithOAuth({ provider: 'postern', options: { redirectTo: location.href } })">Sign in</button>
<script>const supabaseClient = supabase.createClient(${JSON.stringify(site.url)}, ${JSON.stringify(mint({ role: 'anon' }))}, { auth: { flowType: '${flowType}' } })</script></html>`

async function startApplication(): Promise<Application> {
  const http = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const is_script = pathname === '/supabase.js'
    response.writeHead(200, { 'content-type': is_script ? 'text/javascript' : 'text/html' })
    response.end(is_script ? await readFile(script) : pageOf(pathname.slice(1)))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${Object(http.address()).port}`,
    close() {
      http.closeAllConnections()
      return new Promise((resolve) => http.close(resolve))
    },
  }
}

before(async () => {
  if (skip) return
  site = await startPageServer(() => ({
    POSTERN_BASE_PATH: '/auth/v1',
    GOTRUE_CORS_ALLOWED_HEADERS: 'apikey',
    GOTRUE_SITE_URL: 'http://localhost:1',
    GOTRUE_URI_ALLOW_LIST: 'http://localhost:*/**',
  }))
  applications = await Promise.all([startApplication(), startApplication()])
})
after(async () => {
  if (skip) return
  await browser.close()
  for (const { close } of applications) await close()
  await site.close()
})

/** The claims of the session that an application has; waits until it has one. */
async function sessionOf(page: Page): Promise<ReturnType<typeof claimsOf>> {
  await page.getByRole('heading', { name: 'Application' }).waitFor()
  const ask = '(async () => (await supabaseClient.auth.getSession()).data.session?.access_token ?? "")()'
  const token = String(await page.evaluate(ask))
  assert.notEqual(token, '', `no session at ${page.url()}`)
  return claimsOf(token)
}

for (const flow of ['pkce', 'implicit'])
  test(`supabase-js signs in with one line (${flow}), and a second application needs one click`, { skip }, () =>
    withWindow(browser, async (page) => {
      const { user } = await site.server.user({ email: `line${++people}@example.com` })
      const [first, second] = applications.map(({ url }) => url)
      await page.goto(`${first}/${flow}`)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByLabel('Email address').fill(user.email)
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByText('Enter your password').waitFor()
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: `Continue as ${user.email}` }).click()
      await page.waitForURL(new RegExp(`^${first}/`))
      const one = await sessionOf(page)
      assert.deepEqual([one.sub, one.amr[0].method], [user.id, 'password'])

      await page.goto(`${second}/${flow}`)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: `Continue as ${user.email}` }).click()
      await page.waitForURL(new RegExp(`^${second}/`))
      const other = await sessionOf(page)
      assert.deepEqual([other.sub, other.amr], [user.id, one.amr])
      assert.notEqual(other.session_id, one.session_id)

      const signOut = '(async () => (await supabaseClient.auth.signOut({ scope: "global" })).error)()'
      assert.equal(await page.evaluate(signOut), null)
      await page.goto(`${site.url}/pages/account`)
      await page.waitForURL(/\/pages\/sign-in/)
    }),
  )
