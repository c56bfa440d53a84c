// Passkeys and security keys in a real browser, with its virtual authenticator and the published supabase-js in the page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, CDPSession } from 'playwright-core'
import { testBrowser } from '../support/chromium.ts'
import { webauthnEnv } from '../support/passkeys.ts'
import { claimsOf } from '../support/server.ts'
import { type Site, startSite } from '../support/site.ts'

const found = await testBrowser()
const skip = typeof found === 'string' ? found : false
const browser = found as Browser
const password = 'correct horse battery staple'
let site: Site

before(async () => {
  if (skip) return
  site = await startSite((origin) => ({
    ...webauthnEnv,
    GOTRUE_WEBAUTHN_RP_ID: 'localhost',
    GOTRUE_WEBAUTHN_RP_ORIGINS: origin,
  }))
})
after(async () => {
  if (skip) return
  await browser.close()
  await site.close()
})

interface Kind {
  hasResidentKey: boolean
  hasUserVerification: boolean
  transport: 'internal' | 'usb'
}

interface Device {
  devtools: CDPSession
  authenticatorId: string
  email: string
  /** Runs an expression in the page, where `client` is a signed-in supabase-js; gives what it resolves to as JSON. */
  run(expression: string): Promise<Record<string, unknown>>
}

/** A person on the site, with an authenticator that says yes. */
async function withDevice(options: Kind, work: (device: Device) => Promise<void>): Promise<void> {
  const { user } = await site.server.user({ email: `${crypto.randomUUID()}@example.com` })
  const context = await browser.newContext()
  const page = await context.newPage()
  try {
    await page.goto(site.url)
    const devtools = await context.newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ...options,
        isUserVerified: options.hasUserVerification,
        automaticPresenceSimulation: true,
      },
    })
    const run = async (expression: string) =>
      JSON.parse(String(await page.evaluate(`(async () => JSON.stringify(await (${expression})))()`)))
    const signedIn = await run(`client.auth.signInWithPassword(${JSON.stringify({ email: user.email, password })})`)
    assert.equal(signedIn.error, null)
    await work({ devtools, authenticatorId, email: user.email, run })
  } finally {
    await context.close()
  }
}

const resident = { hasResidentKey: true, transport: 'internal' } as const

test('a passkey is made and signs in; it is not made twice on one authenticator', { skip }, () =>
  withDevice({ ...resident, hasUserVerification: true }, async ({ run, email }) => {
    const made = await run('client.auth.registerPasskey()')
    assert.equal(made.error, null)
    assert.ok(Object(made.data).id)
    const twice = await run('client.auth.registerPasskey()')
    assert.ok(twice.error, 'the browser leaves out an authenticator that has a passkey already')
    await run('client.auth.signOut()')
    const session = await run('client.auth.signInWithPasskey()')
    assert.equal(session.error, null)
    const { access_token, user } = Object(Object(session.data).session)
    assert.equal(user.email, email)
    assert.equal(claimsOf(access_token).aal, 'aal1')
    const [row] = await site.server.sql(
      'select sign_count, transports, last_used_at from auth.webauthn_credentials where user_id = $1',
      [user.id],
    )
    assert.ok(Number(row?.sign_count) > 0)
    assert.deepEqual(row?.transports, ['internal'])
    assert.ok(row?.last_used_at)
  }),
)

test('a copy of an authenticator, whose counter is behind, is refused and recorded', { skip }, () =>
  withDevice({ ...resident, hasUserVerification: true }, async ({ run, devtools, authenticatorId }) => {
    const made = await run('client.auth.registerPasskey()')
    const passkey_id = Object(made.data).id
    for (let i = 0; i < 3; i++) assert.equal((await run('client.auth.signInWithPasskey()')).error, null)
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId })
    const [credential] = credentials
    assert.ok(credential)
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId })
    await devtools.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount: 1 } })
    const refused = await run('client.auth.signInWithPasskey()')
    assert.equal(Object(refused.error).code, 'webauthn_verification_failed')
    const recorded = await site.server.sql(
      `select payload->'traits'->>'passkey_id' as id from auth.audit_log_entries where payload->>'action' = 'authenticator_copied'`,
    )
    assert.deepEqual(recorded, [{ id: passkey_id }])
  }),
)

for (const hasUserVerification of [true, false])
  test(
    `a security key that keeps nothing raises sessions, with user verification ${hasUserVerification ? 'on' : 'off'}`,
    { skip },
    () =>
      withDevice(
        { hasResidentKey: false, hasUserVerification, transport: 'usb' },
        async ({ run, email, devtools, authenticatorId }) => {
          const made = await run("client.auth.mfa.webauthn.register({ friendlyName: 'My key' })")
          assert.equal(made.error, null, JSON.stringify(made.error))
          assert.equal(claimsOf(Object(made.data).access_token).aal, 'aal2')
          const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId })
          assert.deepEqual(
            credentials.map(({ isResidentCredential }) => isResidentCredential),
            [false],
          )
          await run('client.auth.signOut()')
          await run(`client.auth.signInWithPassword(${JSON.stringify({ email, password })})`)
          const { data } = await run('client.auth.mfa.listFactors()')
          const factorId = Object(data).webauthn[0].id
          const shown = await run(`client.auth.mfa.webauthn.authenticate(${JSON.stringify({ factorId })})`)
          assert.equal(shown.error, null, JSON.stringify(shown.error))
          const level = await run('client.auth.mfa.getAuthenticatorAssuranceLevel()')
          assert.equal(Object(level.data).currentLevel, 'aal2')
        },
      ),
  )

test('a security key that keeps nothing makes no passkey', { skip }, () =>
  withDevice({ hasResidentKey: false, hasUserVerification: true, transport: 'usb' }, async ({ run, email }) => {
    const made = await run('client.auth.registerPasskey()')
    assert.ok(made.error)
    const rows = await site.server.sql(
      'select c.id from auth.webauthn_credentials c join auth.users u on u.id = c.user_id where u.email = $1',
      [email],
    )
    assert.deepEqual(rows, [])
  }),
)
