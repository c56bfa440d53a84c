// The account page through forms, as a browser without JavaScript sends them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { linkOf } from '../support/mail-sink.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'
import { fieldsOf, newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

let server: TestServer
let people = 0

before(async () => {
  server = await startTestServer({
    env: { POSTERN_PAGES: 'true', POSTERN_ACCOUNT_FIELDS: 'full_name,locale,team:Your team' },
  })
})
after(() => server.close())

async function signedIn(on = server): Promise<{ person: SignedIn; visitor: Visitor }> {
  const person = await on.user({ email: `account${++people}@example.com` })
  const visitor = newVisitor(on)
  await signInToPages(on, visitor, person)
  return { person, visitor }
}

const account = async ({ user }: SignedIn) => {
  const [row] = await server.sql('select * from auth.users where id = $1', [user.id])
  return row as Record<string, unknown>
}

test('the account page shows each section, to nobody who is not signed in', async () => {
  const { person, visitor } = await signedIn()
  for (const path of [
    '',
    '/edit',
    '/email',
    '/phone',
    '/sign-in',
    '/password',
    '/factors',
    '/factors/add/totp',
    '/devices',
    '/devices/others',
    '/devices/all',
  ]) {
    const page = await visitor.get(`/pages/account${path}`)
    assert.equal(page.status, 200, path)
    assert.equal(page.text.match(/<h1>/g)?.length, 1, path)
    assert.doesNotMatch(page.text, /\[object|undefined|account\.\w+_/, path)
    const stranger = await newVisitor(server).get(`/pages/account${path}`)
    assert.match(stranger.location ?? '', /^\/pages\/sign-in\?redirect_to=/, path)
  }
  assert.match((await visitor.get('/pages/account')).text, new RegExp(person.user.email))
})

test('people change the fields that the operator names, and no other', async () => {
  const { person, visitor } = await signedIn()
  const page = await visitor.get('/pages/account/edit')
  assert.match(page.text, /Your team/)
  const fields = {
    'field-full_name': 'Ada Lovelace',
    'field-team': ' Engines ',
    'field-locale': 'de',
    'field-role': 'admin',
  }
  const sent = await visitor.submit(page, '/pages/account/edit', fields)
  assert.equal(sent.location, '/pages/account')
  assert.deepEqual((await account(person)).raw_user_meta_data, {
    email_verified: true,
    full_name: 'Ada Lovelace',
    locale: 'de',
    team: 'Engines',
  })
  const shown = await visitor.get('/pages/account')
  assert.match(shown.text, /Ada Lovelace/)
  assert.match(shown.text, /Deutsch/)
  await visitor.submit(await visitor.get('/pages/account/edit'), '/pages/account/edit', { 'field-team': '' })
  assert.equal(Object.hasOwn((await account(person)).raw_user_meta_data as object, 'team'), false)
})

test('another address counts once the links to both were followed, on pages of this server', async () => {
  const { person, visitor } = await signedIn()
  const next = `new-${person.user.email}`
  const bad = await visitor.submit(await visitor.get('/pages/account/email'), '/pages/account/email', {
    email: 'nobody',
  })
  assert.ok(bad.status >= 400 && bad.status < 500)
  assert.equal(fieldsOf(bad, '/pages/account/email').email, 'nobody')
  assert.match(bad.text, /aria-invalid="true"/)
  await visitor.submit(await visitor.get('/pages/account/email'), '/pages/account/email', { email: next })
  const waiting = await visitor.get('/pages/account')
  assert.match(waiting.text, new RegExp(`${next} waits`))
  for (const to of [person.user.email, next]) {
    const link = linkOf(await server.nextMail(to))

    const first = await visitor.get(link)
    const confirm = await visitor.get(first.location ?? '')
    const done = await visitor.submit(confirm, '/pages/confirm')
    assert.ok(done.status === 200 || done.location === '/pages/account', `${done.status} ${done.location}`)
  }
  assert.equal((await account(person)).email, next)
  assert.match((await visitor.get('/pages/account')).text, new RegExp(next))
})

test('a new password signs other devices out and this one not', async () => {
  const { person, visitor } = await signedIn()
  const other = await server.request('POST', '/token?grant_type=password', {
    body: { email: person.user.email, password: 'correct horse battery staple' },
  })
  const weak = await visitor.submit(await visitor.get('/pages/account/password'), '/pages/account/password', {
    'new-password': 'x',
  })
  assert.equal(weak.status, 422)
  assert.match(weak.text, /id="new-password-error"/)
  assert.doesNotMatch(weak.text, /value="x"/)
  const sent = await visitor.submit(weak, '/pages/account/password', { 'new-password': 'another horse battery' })
  assert.equal(sent.location, '/pages/account/sign-in')
  assert.equal((await visitor.get('/pages/account')).status, 200)
  assert.equal((await server.request('GET', '/user', { token: String(other.body.access_token) })).status, 403)
  const signIn = await server.request('POST', '/token?grant_type=password', {
    body: { email: person.user.email, password: 'another horse battery' },
  })
  assert.equal(signIn.status, 200)
})

test('a device is signed out alone, with the others, or with all', async () => {
  const { person, visitor } = await signedIn()
  const sessions = () => server.sql<{ id: string }>('select id from auth.sessions where user_id = $1', [person.user.id])
  const again = (agent: string) =>
    server.request('POST', '/token?grant_type=password', {
      body: { email: person.user.email, password: 'correct horse battery staple' },
      headers: { 'user-agent': agent },
    })
  await again('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')
  await again('curl/8.5.0')
  const page = await visitor.get('/pages/account/devices')
  assert.match(page.text, /Firefox on Linux/)
  assert.match(page.text, /curl/)
  assert.equal(page.text.match(/This device/g)?.length, 1)
  const [, one = ''] = /action="(\/pages\/account\/devices\/[\da-f-]{36}\/sign-out)"/.exec(page.text) ?? []
  assert.equal((await visitor.submit(page, one)).location, '/pages/account/devices')
  assert.equal((await sessions()).length, 2)
  await visitor.submit(await visitor.get('/pages/account/devices/others'), '/pages/account/devices/others')
  assert.equal((await sessions()).length, 1)
  assert.equal((await visitor.get('/pages/account')).status, 200)
  await visitor.submit(await visitor.get('/pages/account/devices/all'), '/pages/account/devices/all')
  assert.equal((await sessions()).length, 0)
  assert.equal(visitor.cookies.has('postern'), false)
})

test('a device of somebody else is not signed out', async () => {
  const { visitor } = await signedIn()
  const { person: other } = await signedIn()
  const [theirs] = await server.sql<{ id: string }>('select id from auth.sessions where user_id = $1', [other.user.id])
  const page = await visitor.get('/pages/account/devices/others')
  const sent = await visitor.post(
    `/pages/account/devices/${theirs?.id}/sign-out`,
    fieldsOf(page, '/pages/account/devices/others'),
  )
  assert.equal(sent.location, '/pages/account/devices')
  assert.match((await visitor.get('/pages/account/devices')).text, /class="notice error"/)
  assert.equal((await server.sql('select from auth.sessions where user_id = $1', [other.user.id])).length, 1)
})

test('a link of an application that has no page for it goes on here', async () => {
  const on = await startTestServer({
    env: { POSTERN_PAGES: 'true', POSTERN_VERIFY_CONFIRM: 'true' },
    database: server.database,
    mail: server.mail,
  })
  const { person } = await signedIn()
  await on.request('POST', '/recover', { body: { email: person.user.email } })
  const visitor = newVisitor(on)
  const first = await visitor.get(linkOf(await server.nextMail(person.user.email)))
  const page = await visitor.get(first.location ?? '')
  const gone = await visitor.submit(page, '/pages/confirm', { here: 'true' })
  assert.equal(gone.location, '/pages/new-password')
  assert.equal((await visitor.get('/pages/new-password')).status, 200)
  await on.auth.close()
})
