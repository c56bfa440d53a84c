// Second steps, passkeys, linked accounts and applications of the account page, through forms as a browser sends them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { applicationServer, getCode, registerApplication } from '../support/applications.ts'
import { TestAuthenticator } from '../support/authenticator.ts'
import { wrong as wrongOf } from '../support/cases.ts'
import { enabled, type MockProviders, startMockProviders } from '../support/mock-providers.ts'
import { type Answer, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { type SmsGateway, startSmsGateway } from '../support/sms-gateway.ts'
import { fieldsOf, newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

const home = '/pages/account/factors'
let server: TestServer
let gateway: SmsGateway
let mock: MockProviders
let people = 0

before(async () => {
  mock = await startMockProviders()
  gateway = await startSmsGateway()
  server = await startTestServer({
    env: {
      ...applicationServer,
      ...enabled(['github']),
      POSTERN_PAGES: 'true',
      GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
      GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION: 'true',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_MFA_PHONE_ENROLL_ENABLED: 'true',
      GOTRUE_MFA_PHONE_VERIFY_ENABLED: 'true',
      ...gateway.env,
      GOTRUE_PASSKEY_ENABLED: 'true',
      GOTRUE_WEBAUTHN_RP_ID: 'auth.example.test',
      GOTRUE_WEBAUTHN_RP_ORIGINS: 'http://auth.example.test',
    },
    fetch: (input, init) =>
      String(input instanceof Request ? input.url : input).startsWith('https:')
        ? mock.fetch(input, init)
        : globalThis.fetch(input, init),
  })
})
after(async () => {
  await server.close()
  gateway.stop()
  await mock.stop()
})

async function signedIn(): Promise<{ person: SignedIn; visitor: Visitor; handle: string }> {
  const person = await server.user({ email: `factors${++people}@example.com` })
  const visitor = newVisitor(server)
  return { person, visitor, handle: await signInToPages(server, visitor, person) }
}

/** Sets an authenticator app up; gives its secret. */
async function setUpApp(visitor: Visitor): Promise<string> {
  const made = await visitor.submit(await visitor.get(`${home}/add/totp`), `${home}/add/totp`, { name: 'My app' })
  assert.equal(made.location, `${home}/show`)
  const shown = await visitor.get(`${home}/show`)
  const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(shown.text)?.[1] ?? '').replaceAll(' ', '')
  assert.match(shown.text, /<svg class="qr" role="img"/)
  const done = await visitor.submit(shown, `${home}/show`, { code: totpCode(secret, Date.now() / 1000) })
  assert.equal(done.location, home, done.text)
  return secret
}

test('an app raises the session, gives the browser another cookie, and ends the old one', async () => {
  const { person, visitor, handle } = await signedIn()
  await setUpApp(visitor)
  const page = await visitor.get(home)
  assert.match(page.text, /My app/)
  assert.notEqual(visitor.cookies.get('postern'), handle)
  const stolen = newVisitor(server)
  stolen.cookies.set('postern', handle)
  assert.match((await stolen.get(home)).location ?? '', /^\/pages\/sign-in/)
  const [session] = await server.sql('select aal from auth.sessions where user_id = $1', [person.user.id])
  assert.equal(session?.aal, 'aal2')
})

test('whoever signs in next in a browser sees nothing of an app that was being set up', async () => {
  const { visitor } = await signedIn()
  await visitor.submit(await visitor.get(`${home}/add/totp`), `${home}/add/totp`)
  assert.match((await visitor.get(`${home}/show`)).text, /class="qr"/)
  const { handle } = await signedIn()
  visitor.cookies.set('postern', handle)
  assert.equal((await visitor.get(`${home}/show`)).location, home)
})

test('recovery codes are shown once, downloaded from the page that shows them, and made anew', async () => {
  const { person, visitor } = await signedIn()
  await setUpApp(visitor)
  const codesOn = (page: Answer) => [...page.text.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code = '']) => code)
  const shown = await visitor.submit(await visitor.get(home), `${home}/recovery-codes`)
  const codes = codesOn(shown)
  assert.equal(codes.length, 10)
  const form = [...shown.text.matchAll(/name="(_token|code)" value="([^"]+)"/g)]
  const file = await server.request('POST', `${home}/recovery-codes/download`, {
    raw: new URLSearchParams(form.map(([, name = '', value = '']): [string, string] => [name, value])).toString(),
    headers: {
      origin: 'http://auth.example.test',
      'content-type': 'application/x-www-form-urlencoded',
      cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    },
  })
  assert.equal(file.status, 200)
  assert.match(file.headers.get('content-disposition') ?? '', /^attachment/)
  for (const code of codes) assert.ok(file.text.includes(code), code)
  const page = await visitor.get(home)
  for (const code of codes) assert.ok(!page.text.includes(code))
  assert.match(page.text, /10 codes are left/)
  const again = await visitor.submit(await visitor.get(`${home}/recovery-codes/again`), `${home}/recovery-codes/again`)
  assert.notDeepEqual(codesOn(again), codes)
  const hashes = await server.sql('select from postern.recovery_codes where user_id = $1', [person.user.id])
  assert.equal(hashes.length, 10)
  await visitor.submit(await visitor.get(`${home}/recovery-codes/remove`), `${home}/recovery-codes/remove`)
  assert.deepEqual(await server.sql('select from postern.recovery_codes where user_id = $1', [person.user.id]), [])
})

test('a phone becomes a second step by the code of a message', async () => {
  const { visitor } = await signedIn()
  const path = `${home}/add/phone`
  const missing = await visitor.submit(await visitor.get(path), path, { phone: '' })
  assert.equal(missing.status, 400)
  await visitor.submit(missing, path, { phone: '+1 555 765 4321' })
  const code = gateway.lastCode()
  const wrong = await visitor.submit(await visitor.get(`${home}/show`), `${home}/show`, { code: '1' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /id="code-error"/)
  assert.equal((await visitor.submit(wrong, `${home}/show`, { code })).location, home)
  const page = await visitor.get(home)
  assert.match(page.text, /15557654321/)
  const [, remove = ''] = /href="(\/pages\/account\/factors\/[\da-f-]{36}\/remove)"/.exec(page.text) ?? []
  const asked = await visitor.get(remove)
  assert.match(asked.text, /only second step/)
  await visitor.submit(asked, remove)
  assert.doesNotMatch((await visitor.get(home)).text, /15557654321/)
})

test('a session that a trusted device raised shows the factor itself before anything changes', async () => {
  const { person, visitor } = await signedIn()
  const secret = await setUpApp(visitor)
  await server.sql(
    `update auth.mfa_amr_claims set authentication_method = 'trusted_device'
      where authentication_method = 'totp' and session_id in (select id from auth.sessions where user_id = $1)`,
    [person.user.id],
  )
  await server.sql('update auth.sessions set factor_id = null where user_id = $1', [person.user.id])
  const refused = await visitor.submit(await visitor.get('/pages/account/password'), '/pages/account/password', {
    'new-password': 'another horse battery',
  })
  assert.match(refused.location ?? '', /^\/pages\/second-factor\?/)
  const asked = await visitor.get(refused.location ?? '')
  assert.equal(asked.status, 200)
  const shown = await visitor.submit(asked, '/pages/second-factor', { code: totpCode(secret, Date.now() / 1000) })
  const back = await visitor.get(shown.location ?? '')
  assert.equal(back.location, '/pages/account/password')
  const set = await visitor.submit(await visitor.get('/pages/account/password'), '/pages/account/password', {
    'new-password': 'another horse battery',
  })
  assert.equal(set.location, '/pages/account/sign-in')
})

test('a password of long ago is set anew with a code that was sent', async () => {
  const { person, visitor } = await signedIn()
  await server.sql("update auth.sessions set created_at = now() - interval '2 days' where user_id = $1", [
    person.user.id,
  ])
  const path = '/pages/account/password'
  const asked = await visitor.submit(await visitor.get(path), path, { 'new-password': 'another horse battery' })
  assert.match(asked.text, /name="code"/)
  assert.doesNotMatch(asked.text, /another horse/)
  const mail = await server.nextMail(person.user.email)
  const code = /\b\d{6}\b/.exec(mail.html)?.[0] ?? ''
  const wrong = await visitor.submit(asked, path, { 'new-password': 'another horse battery', code: wrongOf(code) })
  assert.equal(wrong.status, 422)
  const done = await visitor.submit(wrong, path, { 'new-password': 'another horse battery', code })
  assert.equal(done.location, '/pages/account/sign-in')
})

test('a passkey is kept, named and removed', async () => {
  const { person, visitor } = await signedIn()
  const page = await visitor.get('/pages/account/sign-in')
  const asked = await visitor.submit(page, '/pages/account/passkeys/add')
  const options = JSON.parse(/data-create="([^"]*)"/.exec(asked.text)?.[1]?.replaceAll('&quot;', '"') ?? '')
  const credential = new TestAuthenticator({ origin: 'http://auth.example.test', rp_id: 'auth.example.test' }).create(
    options,
  )
  const made = await visitor.submit(asked, '/pages/account/passkeys/make', { credential: JSON.stringify(credential) })
  assert.match(made.location ?? '', /\/name$/, made.text)
  const path = made.location ?? ''
  assert.equal((await visitor.submit(await visitor.get(path), path, { name: '' })).status, 400)
  await visitor.submit(await visitor.get(path), path, { name: 'Blue key' })
  assert.match((await visitor.get('/pages/account/sign-in')).text, /Blue key/)
  const remove = path.replace(/name$/, 'remove')
  await visitor.submit(await visitor.get(remove), remove)
  assert.deepEqual(await server.sql('select from auth.webauthn_credentials where user_id = $1', [person.user.id]), [])
})

test('an account elsewhere is linked in the browser that asked, and unlinked', async () => {
  const { person, visitor } = await signedIn()
  mock.on('https://github.com/login/oauth/access_token', { body: { access_token: 'a', token_type: 'bearer' } })
  mock.on('https://api.github.com/user', { body: { id: 77, login: 'ada', name: 'Ada' } })
  mock.on('https://api.github.com/user/emails', { body: [{ email: 'ada@hub.example', primary: true, verified: true }] })
  const page = await visitor.get('/pages/account/sign-in')
  const way = await visitor.submit(page, '/pages/account/identities/github/link')
  const href = /href="(https:\/\/github\.com[^"]+)"/.exec(way.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const state = new URL(href).searchParams.get('state')
  const back = await server.request('GET', `/callback?state=${state}&code=abc`)
  const { person: other, visitor: foreign } = await signedIn()
  assert.equal((await foreign.get(back.location ?? '')).location, '/pages/account/sign-in')
  const providers = ({ user }: SignedIn) =>
    server.sql<{ provider: string }>('select provider from auth.identities where user_id = $1 order by 1', [user.id])
  assert.equal((await providers(other)).length, 1)
  assert.equal((await visitor.get(back.location ?? '')).location, '/pages/account/sign-in')
  assert.deepEqual(
    (await providers(person)).map(({ provider }) => provider),
    ['email', 'github'],
  )
  assert.equal((await server.sql('select from auth.sessions where user_id = $1', [person.user.id])).length, 1)
  const shown = await visitor.get('/pages/account/sign-in')
  assert.match(shown.text, /ada@hub\.example/)
  const [, unlink = ''] = /href="(\/pages\/account\/identities\/[\da-f-]{36}\/unlink)"/.exec(shown.text) ?? []
  await visitor.submit(await visitor.get(unlink), unlink)
  assert.equal((await providers(person)).length, 1)
})

test('applications that were let in are listed, and shut out again', async () => {
  const { person, visitor } = await signedIn()
  const application = await registerApplication(server, {
    client_name: 'Calendar',
    client_uri: 'https://calendar.example',
  })
  await getCode(server, application, person, { scope: 'openid email' })
  const page = await visitor.get('/pages/account/applications')
  assert.match(page.text, /Calendar/)
  // It registered itself: nobody vouches for the site that it names.
  assert.doesNotMatch(page.text, /calendar\.example/)
  assert.match(page.text, /your email address/)
  const path = `/pages/account/applications/${application.client_id}/remove`
  await visitor.submit(await visitor.get(path), path)
  assert.doesNotMatch((await visitor.get('/pages/account/applications')).text, /Calendar/)
  const form = fieldsOf(await visitor.get('/pages/account/devices/others'), '/pages/account/devices/others')
  assert.equal((await visitor.post(path, form)).location, '/pages/account/applications')
})
