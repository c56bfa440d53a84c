// The language of pages: what an address asks for, what a browser keeps and prefers, and what an account says.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'
import { headingOf, newVisitor, type PageVisit } from '../support/visitor.ts'

const password = 'correct horse battery staple'
let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_PAGES: 'true', POSTERN_MAIL_LOOK: 'pages' } })
})

after(() => server.close())

const localeOf = ({ text }: PageVisit) => /<html lang="(\w+)" dir="(\w+)">/.exec(text)?.slice(1)

test('ui_locales chooses the language and is kept; without it the browser says what it prefers', async () => {
  const visitor = newVisitor(server)
  const headers = { 'accept-language': 'nl, es;q=0.8' }
  assert.deepEqual(localeOf(await visitor.open('/pages/sign-in', { headers })), ['es', 'ltr'])
  const asked = await visitor.open('/pages/sign-in?ui_locales=nl+ar-EG+de', { headers })
  assert.deepEqual(localeOf(asked), ['ar', 'rtl'])
  assert.equal(headingOf(asked), 'تسجيل الدخول')
  assert.deepEqual(localeOf(await visitor.open('/pages/sign-up', { headers })), ['ar', 'rtl'])
  assert.deepEqual(localeOf(await visitor.open('/pages/sign-up?ui_locales=nl', { headers })), ['ar', 'rtl'])
})

test('the account says which language it reads, unless the browser chose one', async () => {
  const person = await server.user({ user_metadata: { locale: 'ja-JP' } })
  const visitor = newVisitor(server)
  await visitor.open('/pages/sign-in')
  await visitor.send('/pages/sign-in', { identifier: person.user.email, password })
  assert.deepEqual(localeOf(await visitor.open('/pages/account')), ['ja', 'ltr'])
  assert.deepEqual(localeOf(await visitor.open('/pages/account?ui_locales=fr')), ['fr', 'ltr'])
  assert.deepEqual(localeOf(await visitor.open('/pages/account')), ['fr', 'ltr'])
})

test('a page offers every other language, with what its address holds and nothing that it could smuggle in', async () => {
  const visitor = newVisitor(server)
  const page = await visitor.open('/pages/sign-in?x=%22%3E%3Cscript%3E&ui_locales=de')
  const links = [...page.text.matchAll(/<a href="\?([^"]*)" lang="(\w+)"/g)]
  assert.deepEqual(
    links.map(([, , locale]) => locale),
    ['en', 'fr', 'es', 'pt', 'ja', 'zh', 'ar'],
  )
  for (const [, query = '', locale] of links) {
    const again = new URLSearchParams(query.replaceAll('&amp;', '&'))
    assert.deepEqual([again.get('x'), again.get('ui_locales')], ['"><script>', locale])
  }
  assert.doesNotMatch(page.text, /<script>/)
})

test('what a page causes is mailed in the language of the page', async () => {
  const person = await server.user()
  const visitor = newVisitor(server)
  await visitor.open('/pages/forgot-password?ui_locales=pt', { headers: { 'accept-language': 'fr' } })
  await visitor.send('/pages/forgot-password', { identifier: person.user.email })
  assert.equal((await server.nextMail(person.user.email)).subject, 'Redefina sua senha')
})
