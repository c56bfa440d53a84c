// The published supabase-js with passkeys and security keys, unmodified, against a running server.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { TestAuthenticator } from '../support/authenticator.ts'
import { webauthnEnv } from '../support/passkeys.ts'
import { claimsOf, mint } from '../support/server.ts'
import { type Site, startSite } from '../support/site.ts'

const password = 'correct horse battery staple'
/** Ignored by the server, asked for by the types of the client. */
const party = { rpId: 'app.example.test', rpOrigins: ['http://app.example.test'] }
let site: Site
before(async () => {
  site = await startSite(() => webauthnEnv)
})
after(() => site.close())

const newClient = (): SupabaseClient =>
  createClient(site.url, site.anon_key, { auth: { persistSession: false, autoRefreshToken: false } })
/** What a browser gives: the client asks it for JSON. */
const fromBrowser = (json: Record<string, unknown>) => ({ ...json, toJSON: () => json }) as never

/** The options as the server sent them; the client has made byte arrays of some texts for the browser. */
const jsonOf = (options: unknown): unknown =>
  JSON.parse(
    JSON.stringify(options, (_, value) => {
      if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64url')
      return ArrayBuffer.isView(value) ? Buffer.from(value as Uint8Array).toString('base64url') : value
    }),
  )

async function signedIn() {
  const { user } = await site.server.user({ email: `${crypto.randomUUID()}@example.com` })
  const client = newClient()
  const { error } = await client.auth.signInWithPassword({ email: user.email, password })
  assert.equal(error, null)
  return { client, email: user.email }
}

test('a passkey is registered, signs in, is listed, renamed and deleted', async () => {
  const { client, email } = await signedIn()
  const key = new TestAuthenticator()
  const { data: begun, error } = await client.auth.passkey.startRegistration()
  assert.equal(error, null)
  assert.ok(begun)
  const made = await client.auth.passkey.verifyRegistration({
    challengeId: begun.challenge_id,
    credential: key.create(begun.options) as never,
  })
  assert.equal(made.error, null)
  assert.equal(made.data?.friendly_name, 'Passkey')

  const stranger = newClient()
  const { data: asked } = await stranger.auth.passkey.startAuthentication()
  assert.ok(asked)
  const session = await stranger.auth.passkey.verifyAuthentication({
    challengeId: asked.challenge_id,
    credential: key.get(asked.options) as never,
  })
  assert.equal(session.error, null)
  assert.equal(session.data.user?.email, email)
  assert.equal((await stranger.auth.getUser()).data.user?.email, email)

  const { data: listed } = await stranger.auth.passkey.list()
  const [passkey] = listed ?? []
  assert.ok(passkey?.last_used_at)
  const renamed = await stranger.auth.passkey.update({ passkeyId: passkey.id, friendlyName: 'My laptop' })
  assert.equal(renamed.data?.friendly_name, 'My laptop')
  assert.equal((await stranger.auth.passkey.delete({ passkeyId: passkey.id })).error, null)
  assert.deepEqual((await stranger.auth.passkey.list()).data, [])
})

test('administrators list and delete passkeys', async () => {
  const { client } = await signedIn()
  const { data: begun } = await client.auth.passkey.startRegistration()
  assert.ok(begun)
  await client.auth.passkey.verifyRegistration({
    challengeId: begun.challenge_id,
    credential: new TestAuthenticator().create(begun.options) as never,
  })
  const { data } = await client.auth.getUser()
  const userId = data.user?.id ?? ''
  const service = createClient(site.url, mint({ role: 'service_role' }), { auth: { persistSession: false } })
  const { data: listed, error } = await service.auth.admin.passkey.listPasskeys({ userId })
  assert.equal(error, null)
  const passkeyId = listed?.[0]?.id ?? ''
  assert.equal((await service.auth.admin.passkey.deletePasskey({ userId, passkeyId })).error, null)
  assert.deepEqual((await client.auth.passkey.list()).data, [])
})

test('a security key is enrolled, asked for and verified', async () => {
  const { client, email } = await signedIn()
  const key = new TestAuthenticator()
  const { data: factor, error } = await client.auth.mfa.enroll({ factorType: 'webauthn', friendlyName: 'My key' })
  assert.equal(error, null)
  const factorId = factor?.id ?? ''
  const first = await client.auth.mfa.challenge({
    factorId,
    webauthn: party,
  })
  assert.ok(first.data?.type === 'webauthn' && first.data.webauthn.type === 'create')
  const options = jsonOf(first.data.webauthn.credential_options.publicKey)
  const verified = await client.auth.mfa.verify({
    factorId,
    challengeId: first.data.id,
    webauthn: { ...party, type: 'create', credential_response: fromBrowser(key.create(options)) },
  })
  assert.equal(verified.error, null)
  assert.equal(claimsOf(verified.data?.access_token ?? '').aal, 'aal2')

  const later = newClient()
  await later.auth.signInWithPassword({ email, password })
  const { data: level } = await later.auth.mfa.getAuthenticatorAssuranceLevel()
  assert.deepEqual([level?.currentLevel, level?.nextLevel], ['aal1', 'aal2'])
  const { data: factors } = await later.auth.mfa.listFactors()
  assert.equal(factors?.webauthn[0]?.friendly_name, 'My key')
  const again = await later.auth.mfa.challenge({
    factorId,
    webauthn: party,
  })
  assert.ok(again.data?.type === 'webauthn' && again.data.webauthn.type === 'request')
  const shown = await later.auth.mfa.verify({
    factorId,
    challengeId: again.data.id,
    webauthn: {
      ...party,
      type: 'request',
      credential_response: fromBrowser(key.get(jsonOf(again.data.webauthn.credential_options.publicKey))),
    },
  })
  assert.equal(shown.error, null)
  assert.equal(claimsOf(shown.data?.access_token ?? '').aal, 'aal2')
})
