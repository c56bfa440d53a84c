// Hosted sign-in in a real browser by what needs a script: passkeys, security keys as second step, and wallets.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { testBrowser } from '../support/chromium.ts'
import { type PageServer, startPageServer } from '../support/page-server.ts'
import { tourPage, withWindow } from '../support/page-tour.ts'
import { ethereumWallet, solanaWallet, type Wallet } from '../support/wallets.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
let site: PageServer
let people = 0

before(async () => {
  if (skip) return
  site = await startPageServer((origin) => ({
    GOTRUE_SITE_URL: origin,
    GOTRUE_PASSKEY_ENABLED: 'true',
    GOTRUE_MFA_WEB_AUTHN_ENROLL_ENABLED: 'true',
    GOTRUE_MFA_WEB_AUTHN_VERIFY_ENABLED: 'true',
    GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY: '100000',
    GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
    GOTRUE_EXTERNAL_WEB3_SOLANA_ENABLED: 'true',
  }))
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
})

/** An authenticator of the window that says yes to everything. */
async function plugIn(context: BrowserContext, page: Page, kind: { transport: 'internal' | 'usb'; resident: boolean }) {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: kind.transport,
      hasResidentKey: kind.resident,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { devtools, authenticatorId }
}

/** What the browser makes for options of the API, as JSON; on a page whose policy has no say in it. */
const make = (page: Page, options: unknown) =>
  page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)})
    return (await navigator.credentials.create({ publicKey })).toJSON()
  })()`)

async function call(path: string, token: string, body: object = {}) {
  const answer = await site.server.request('POST', path, { token, body, address: '127.0.0.1' })
  assert.equal(answer.status, 200, answer.text)
  return Object(answer.body)
}

/** A person with a passkey in the window's authenticator. */
async function ownerOfPasskey(page: Page) {
  const { user, access_token } = await site.server.user({ email: `key${++people}@example.com`, password })
  const { challenge_id, options } = await call('/passkeys/registration/options', access_token)
  await page.goto(`${site.url}/pages/nowhere`)
  const credential = await make(page, options)
  await call('/passkeys/registration/verify', access_token, { challenge_id, credential })
  return user
}

test('a passkey signs in by its button', { skip }, () =>
  withWindow(browser, async (page, context) => {
    const { devtools, authenticatorId } = await plugIn(context, page, { transport: 'usb', resident: true })
    await ownerOfPasskey(page)
    await page.goto(`${site.url}/pages/sign-in?redirect_to=/pages/new-password`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
    await page.goto(`${site.url}/pages/sign-out`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId })
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('No passkey was used').waitFor()
    await tourPage(page, 'passkey-failed')
  }),
)

test('the address field offers passkeys to fill in, and one that is chosen signs in', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await plugIn(context, page, { transport: 'internal', resident: true })
    await ownerOfPasskey(page)
    const { text } = await site.server.request('GET', '/pages/sign-in')
    assert.match(text, /<input id="identifier"[^>]* autocomplete="username webauthn"/)
    await page.goto(`${site.url}/pages/sign-in?redirect_to=/pages/new-password`)
    // The virtual authenticator of the browser chooses at once, as a person would from the list.
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
  }),
)

test('a security key is the second step', { skip }, () =>
  withWindow(browser, async (page, context) => {
    await plugIn(context, page, { transport: 'usb', resident: false })
    const { user, access_token: token } = await site.server.user({ email: `key${++people}@example.com`, password })
    await page.goto(`${site.url}/pages/nowhere`)
    const { id } = await call('/factors', token, { factor_type: 'webauthn', friendly_name: 'Key' })
    const asked = await call(`/factors/${id}/challenge`, token)
    const credential_response = await make(page, asked.webauthn.credential_options.publicKey)
    const webauthn = { type: 'create', credential_response }
    await call(`/factors/${id}/verify`, token, { challenge_id: asked.id, webauthn })
    await page.goto(`${site.url}/pages/sign-in?redirect_to=/pages/new-password`)
    await page.getByLabel('Email address').fill(user.email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Second step' }).waitFor()
    await tourPage(page, 'second-step-key')
    await page.getByRole('button', { name: 'Use security key' }).click()
    await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
  }),
)

/** Puts a wallet into the window that signs whatever it is shown. */
async function inject(context: BrowserContext, wallet: Wallet): Promise<void> {
  await context.exposeFunction('signByWallet', (message: string) => wallet.sign(message))
  const providers = {
    ethereum: `window.ethereum = { async request({ method, params }) {
      if (method === 'eth_requestAccounts') return ['${wallet.address}']
      if (method === 'eth_chainId') return '0x1'
      const bytes = params[0].slice(2).match(/../g).map((pair) => parseInt(pair, 16))
      return window.signByWallet(new TextDecoder().decode(new Uint8Array(bytes)))
    } }`,
    solana: `window.solana = {
      publicKey: { toString: () => '${wallet.address}' },
      async connect() { return { publicKey: this.publicKey } },
      async signMessage(bytes) {
        const signature = await window.signByWallet(new TextDecoder().decode(bytes))
        return { signature: Uint8Array.from(atob(signature), (letter) => letter.charCodeAt(0)) }
      },
    }`,
  }
  await context.addInitScript(providers[wallet.chain])
}

for (const [name, wallet] of [
  ['Ethereum', ethereumWallet()],
  ['Solana', solanaWallet()],
] as const)
  test(`a wallet of ${name} signs in, and without one the page says what to do`, { skip }, () =>
    withWindow(browser, async (page, context) => {
      await page.goto(`${site.url}/pages/sign-in`)
      await page.getByRole('button', { name: `Continue with ${name}` }).click()
      await page.getByText(`No ${name} wallet was found`).waitFor()
      await inject(context, wallet)
      await page.reload()
      await page.getByRole('button', { name: `Continue with ${name}` }).click()
      await page.waitForURL(/\/pages\/account/)
      const [row] = await site.server.sql<{ count: number }>(
        "select count(*)::int as count from auth.identities where provider = 'web3' and provider_id = $1",
        [`web3:${wallet.chain}:${wallet.address}`],
      )
      assert.equal(row?.count, 1)
    }),
  )
