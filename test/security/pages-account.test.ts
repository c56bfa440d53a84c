// Attacks on the account page: stolen and ended sessions, forms of other sites, and HTML wherever somebody may write some.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accountPages } from '../../src/pages/account/account-pages.ts'
import { applicationServer, getCode, registerApplication } from '../support/applications.ts'
import { type Answer, type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { fieldsOf, newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

const evil = `"><img src=x onerror=alert(1)><script>alert(2)</script>'{{x}}`
let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({
    env: {
      ...applicationServer,
      POSTERN_PAGES: 'true',
      POSTERN_ACCOUNT_FIELDS: `full_name,locale,company,x:${evil.replaceAll(',', '')}`,
      POSTERN_MFA_TRUSTED_DEVICES: 'true',
      GOTRUE_PASSKEY_ENABLED: 'true',
      GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
    },
  })
})
after(() => server.close())

async function signedIn(more: object = {}): Promise<{ person: SignedIn; visitor: Visitor; handle: string }> {
  const person = await server.user({ email: `attack${++people}@example.com`, ...more })
  const visitor = newVisitor(server)
  return { person, visitor, handle: await signInToPages(server, visitor, person) }
}

const id = '00000000-0000-4000-8000-000000000000'
const paths = (method: 'GET' | 'POST') =>
  accountPages
    .filter((page) => page.method === method)
    .map(({ path }) => path.replace(':id', id).replace(':type', 'totp').replace(':provider', 'github'))

const isSignIn = ({ status, location }: Answer) => status === 303 && location?.startsWith('/pages/sign-in')

test('no page of an account is shown, and no form taken, with a cookie of a session that is over', async () => {
  const endings: ((person: SignedIn) => Promise<unknown>)[] = [
    ({ access_token }) => server.request('POST', '/logout', { token: access_token }),
    ({ user }) => server.sql("update auth.users set banned_until = now() + interval '1 day' where id = $1", [user.id]),
    ({ user }) => server.sql('delete from auth.users where id = $1', [user.id]),
    ({ user }) => server.sql('update auth.sessions set not_after = now() where user_id = $1', [user.id]),
  ]
  for (const end of endings) {
    const { person, visitor } = await signedIn()
    const form = fieldsOf(await visitor.get('/pages/account/devices/others'), '/pages/account/devices/others')
    await end(person)
    for (const path of paths('GET')) assert.ok(isSignIn(await visitor.get(path)), `GET ${path}`)
    for (const path of paths('POST')) assert.ok(isSignIn(await visitor.post(path, form)), `POST ${path}`)
  }
})

test('a form of another site, without a token, or with that of another browser does nothing', async () => {
  const { person, visitor, handle } = await signedIn()
  const { visitor: attacker } = await signedIn()
  const [own, theirs] = await Promise.all(
    [visitor, attacker].map(async (one) => fieldsOf(await one.get('/pages/account/edit'), '/pages/account/edit')),
  )
  const before = await server.sql('select * from auth.users where id = $1', [person.user.id])
  const sessions = () => server.sql('select id from auth.sessions where user_id = $1', [person.user.id])
  const had = await sessions()
  for (const path of paths('POST')) {
    const fields = {
      'field-full_name': 'Mallory',
      email: 'm@example.com',
      phone: '15550001111',
      'new-password': 'mallory mallory',
    }
    const tries: [Record<string, string>, Record<string, string>][] = [
      [{ ...own, ...fields }, { origin: 'https://evil.example' }],
      [{ ...own, ...fields }, { origin: 'null' }],
      [fields, {}],
      [{ ...theirs, ...fields }, {}],
    ]
    for (const [form, headers] of tries) assert.equal((await visitor.post(path, form, headers)).status, 403, path)
  }
  const stolen = newVisitor(server)
  stolen.cookies.set('postern', handle)
  assert.equal((await stolen.post('/pages/account/edit', { ...own, 'field-full_name': 'Mallory' })).status, 403)
  assert.deepEqual(await server.sql('select * from auth.users where id = $1', [person.user.id]), before)
  assert.deepEqual(await sessions(), had)
})

test('HTML in metadata, names, addresses and user agents stays text', async () => {
  const { person, visitor } = await signedIn({
    user_metadata: { full_name: evil, company: evil, x: evil, locale: evil },
  })
  const { id: user_id } = person.user
  await server.request('POST', '/token?grant_type=password', {
    body: { email: person.user.email, password: 'correct horse battery staple' },
    headers: { 'user-agent': evil },
  })
  await server.sql(
    `insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
      values (gen_random_uuid(), $1, $2, 'totp', 'verified', now(), now(), 'x')`,
    [user_id, evil],
  )
  await server.sql(
    "update auth.sessions set aal = 'aal2', factor_id = (select id from auth.mfa_factors where user_id = $1) where user_id = $1",
    [user_id],
  )
  await server.sql(
    `insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
      select gen_random_uuid(), id, now(), now(), 'totp' from auth.sessions where user_id = $1`,
    [user_id],
  )
  await server.sql(
    `insert into auth.webauthn_credentials (id, user_id, credential_id, public_key, friendly_name)
      values (gen_random_uuid(), $1, 'x', 'x', $2)`,
    [user_id, evil],
  )
  await server.sql(
    `insert into auth.identities (id, user_id, provider, provider_id, identity_data, created_at, updated_at)
      values (gen_random_uuid(), $1, $2, 'x', jsonb_build_object('email', $3::text), now(), now())`,
    [user_id, `custom:${evil}`, evil],
  )
  await server.sql(
    `insert into postern.trusted_devices (id, user_id, token_hash, basis, user_agent, expires_at)
      select gen_random_uuid(), u.id, 'x', encode(sha256(convert_to(coalesce(u.encrypted_password, '') || (
        select string_agg(f.id::text, ',') from auth.mfa_factors f where f.user_id = u.id), 'UTF8')), 'hex'), $2, now() + interval '1 day'
      from auth.users u where u.id = $1`,
    [user_id, evil],
  )
  const application = await registerApplication(server, { client_name: evil.slice(0, 60) })
  await getCode(server, application, person, { scope: 'openid' })
  await server.sql('update auth.users set email_change = $2 where id = $1', [user_id, evil])
  for (const path of paths('GET')) {
    const { text, status } = await visitor.get(path)
    assert.ok(status === 200 || status === 303, `${path}: ${status}`)
    assert.doesNotMatch(text, /<img src=x|<script>alert/, path)
  }
  const seen = async (path: string) => (await visitor.get(path)).text.split('&lt;img src=x').length - 1
  assert.ok((await seen('/pages/account')) >= 3, 'the names are shown, as text')
  assert.ok((await seen('/pages/account/sign-in')) >= 2)
  assert.ok((await seen('/pages/account/factors')) >= 1)
})

test('HTML that is typed comes back as text, and nothing typed comes back of a secret', async () => {
  const { visitor } = await signedIn()
  const email = await visitor.submit(await visitor.get('/pages/account/email'), '/pages/account/email', { email: evil })
  assert.doesNotMatch(email.text, /<img src=x/)
  const password = await visitor.submit(await visitor.get('/pages/account/password'), '/pages/account/password', {
    'new-password': 'abc',
    current_password: 'secret-of-mine',
  })
  assert.doesNotMatch(password.text, /secret-of-mine|value="abc"/)
  for (const name of ['attempt', 'redirect_to', 'ui_locales', 'error', 'error_description', 'code'])
    for (const path of [
      '/pages/account',
      '/pages/account/factors',
      '/pages/account/identities/linked',
      '/pages/continue',
    ]) {
      const { text, location } = await visitor.get(`${path}?${new URLSearchParams({ [name]: evil })}`)
      assert.doesNotMatch(text, /<img src=x|<script>alert/, `${path} ${name}`)
      assert.doesNotMatch(location ?? '', /^(https?:)?\/\/(?!auth\.example\.test)/, `${path} ${name}`)
    }
})

test('a page of an account is framed by nobody, kept by nobody, and read by no other origin', async () => {
  const { visitor } = await signedIn()
  for (const path of ['/pages/account', '/pages/account/devices', '/pages/account/factors']) {
    const { headers } = await visitor.get(path)
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|https?:/)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.get('access-control-allow-origin'), null)
  }
})

test('no access token of the pages, and no refresh token, is in a page or a cookie', async () => {
  const { visitor } = await signedIn()
  for (const path of paths('GET')) {
    const { text, headers } = await visitor.get(path)
    assert.doesNotMatch(text, /eyJ[A-Za-z0-9_-]{10,}\./, path)
    assert.doesNotMatch(headers.getSetCookie().join(), /eyJ[A-Za-z0-9_-]{10,}\./, path)
  }
})

test('factors, passkeys, identities and applications of others are as unknown as those that never were', async () => {
  const { person } = await signedIn()
  const enrolled = await server.request('POST', '/factors', {
    token: person.access_token,
    body: { factor_type: 'totp', friendly_name: 'mine' },
  })
  await server.sql("update auth.mfa_factors set status = 'verified' where id = $1", [String(enrolled.body.id)])
  const { visitor } = await signedIn()
  const form = fieldsOf(await visitor.get('/pages/account/devices/others'), '/pages/account/devices/others')
  const path = `/pages/account/factors/${enrolled.body.id}/remove`
  assert.equal((await visitor.get(path)).location, '/pages/account/factors')
  await visitor.post(path, form)
  assert.equal((await server.sql('select from auth.mfa_factors where id = $1', [String(enrolled.body.id)])).length, 1)
  const [identity] = await server.sql<{ id: string }>('select id from auth.identities where user_id = $1', [
    person.user.id,
  ])
  await visitor.post(`/pages/account/identities/${identity?.id}/unlink`, form)
  assert.equal((await server.sql('select from auth.identities where user_id = $1', [person.user.id])).length, 1)
})
