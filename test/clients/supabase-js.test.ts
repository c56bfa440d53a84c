// The walk of a real client: the published supabase-js, unmodified, against a running `postern dev`.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { totpCode } from '../../src/crypto/totp.ts'
import { type DevProcess, startDev } from '../support/process.ts'

const email = 'ada@example.com'
const password = 'correct horse battery staple'
let dev: DevProcess
let state_dir: string
let client: SupabaseClient

before(async () => {
  state_dir = await mkdtemp(join(tmpdir(), 'postern-walk-'))
  dev = await startDev({ state_dir })
  client = createClient(dev.url, dev.anon_key)
})
after(async () => {
  await dev?.stop()
  await rm(state_dir, { recursive: true, force: true })
})

test('a person signs up and waits for the mail', async () => {
  const { data, error } = await client.auth.signUp({ email, password, options: { data: { name: 'Ada' } } })
  assert.equal(error, null)
  assert.equal(data.session, null)
  assert.equal(data.user?.email, email)
})

test('signing in before the address is confirmed is refused with its code', async () => {
  const { error } = await client.auth.signInWithPassword({ email, password })
  assert.equal(error?.code, 'email_not_confirmed')
})

test('the link of the real mail confirms the address and leads to the site with a session', async () => {
  const mail = await dev.nextMail(email)
  assert.equal(mail.subject, 'Confirm your email address')
  // A page whose button confirms stands before the session, since mail scanners must not use links up.
  const location = await dev.pressButton(mail.link)
  const fragment = new URLSearchParams(location?.split('#')[1])
  assert.equal(fragment.get('type'), 'signup')
  const { data, error } = await client.auth.setSession({
    access_token: fragment.get('access_token') ?? '',
    refresh_token: fragment.get('refresh_token') ?? '',
  })
  assert.equal(error, null)
  assert.equal(data.user?.email, email)
})

test('the password signs in, and the account is there', async () => {
  const { data, error } = await client.auth.signInWithPassword({ email, password })
  assert.equal(error, null)
  assert.equal(data.user?.user_metadata.name, 'Ada')
  const { data: got } = await client.auth.getUser()
  assert.equal(got.user?.id, data.user?.id)
})

test('a refresh gives new tokens of the same session', async () => {
  const before = (await client.auth.getSession()).data.session
  const { data, error } = await client.auth.refreshSession()
  assert.equal(error, null)
  assert.notEqual(data.session?.refresh_token, before?.refresh_token)
  assert.equal(data.user?.id, before?.user.id)
})

test('metadata and password change, and the new password signs in', async () => {
  const { data, error } = await client.auth.updateUser({ data: { name: 'Ada Lovelace' }, password: `new ${password}` })
  assert.equal(error, null)
  assert.equal(data.user?.user_metadata.name, 'Ada Lovelace')
  const second = createClient(dev.url, dev.anon_key)
  const { error: again } = await second.auth.signInWithPassword({ email, password: `new ${password}` })
  assert.equal(again, null)
})

test('a forgotten password is recovered by mail', async () => {
  const { error } = await client.auth.resetPasswordForEmail(email)
  assert.equal(error, null)
  const mail = await dev.nextMail(email, 'Reset your password')
  assert.match(mail.link, /type=recovery/)
})

test('a phone number signs in with the code of a message in the inbox', async () => {
  const phone = '+15550001111'
  const { error } = await client.auth.signInWithOtp({ phone })
  assert.equal(error, null)
  const message = await dev.nextMail(phone)
  const token = /\d{6}/.exec(message.subject)?.[0] ?? ''
  const second = createClient(dev.url, dev.anon_key, { auth: { persistSession: false } })
  const { data, error: wrong } = await second.auth.verifyOtp({ phone, token, type: 'sms' })
  assert.equal(wrong, null)
  assert.equal(data.user?.phone, '15550001111')
})

test('signing out ends the session on the server', async () => {
  const session = (await client.auth.getSession()).data.session
  const { error } = await client.auth.signOut()
  assert.equal(error, null)
  const { error: gone } = await client.auth.getUser(session?.access_token)
  assert.equal(gone?.name, 'AuthSessionMissingError')
})

test('the service_role key administers', async () => {
  const admin = createClient(dev.url, dev.service_role_key, { auth: { persistSession: false } })
  const { data, error } = await admin.auth.admin.createUser({
    email: 'grace@example.com',
    email_confirm: true,
    password,
  })
  assert.equal(error, null)
  const { error: removed } = await admin.auth.admin.deleteUser(data.user?.id ?? '')
  assert.equal(removed, null)
  const { error: missing } = await admin.auth.admin.getUserById(data.user?.id ?? '')
  assert.equal(missing?.code, 'user_not_found')
})

test('a second factor is enrolled, raises the session, and is given up', async () => {
  const app = createClient(dev.url, dev.anon_key, { auth: { persistSession: false, autoRefreshToken: false } })
  const { data: made } = await app.auth.signInAnonymously()
  assert.ok(made.user)
  const person = 'factors@example.com'
  const admin = createClient(dev.url, dev.service_role_key, { auth: { persistSession: false } })
  await admin.auth.admin.createUser({ email: person, password, email_confirm: true })
  await app.auth.signInWithPassword({ email: person, password })
  const { data: factor, error } = await app.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'app' })
  assert.equal(error, null)
  assert.match(factor?.totp.qr_code ?? '', /^data:image\/svg\+xml/)
  const factorId = factor?.id ?? ''
  const code = totpCode(factor?.totp.secret ?? '', Date.now() / 1000)
  const { error: refused } = await app.auth.mfa.challengeAndVerify({ factorId, code })
  assert.equal(refused, null)
  const { data: level } = await app.auth.mfa.getAuthenticatorAssuranceLevel()
  assert.deepEqual([level?.currentLevel, level?.nextLevel], ['aal2', 'aal2'])
  const { data: listed } = await app.auth.mfa.listFactors()
  assert.deepEqual(
    listed?.totp.map(({ id }) => id),
    [factorId],
  )
  assert.equal((await app.auth.mfa.unenroll({ factorId })).error, null)
})
