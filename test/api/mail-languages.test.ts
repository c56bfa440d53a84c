// The language of mails, from the request or the account to what arrives.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer

before(async () => {
  server = await startTestServer({ env: { POSTERN_MAIL_LOOK: 'pages' } })
})

after(() => server.close())

test('a mail is in the language that the browser asks for, and says so', async () => {
  const email = 'browser@example.com'
  await server.request('POST', '/otp', { body: { email }, headers: { 'accept-language': 'pt-BR,pt;q=0.9,en;q=0.8' } })
  const mail = await server.nextMail(email)
  assert.equal(mail.subject, 'Confirme seu endereço de e-mail')
  assert.match(mail.raw, /^Content-Language: pt\r$/im)
})

test('ui_locales comes before the browser, and the account before both', async () => {
  const headers = { 'accept-language': 'pt' }
  const email = 'account@example.com'
  await server.user({ email, user_metadata: { locale: 'zh-CN' } })
  await server.request('POST', '/recover?ui_locales=fr%20de', { body: { email }, headers })
  assert.equal((await server.nextMail(email)).subject, '重置您的密码')
  const other = 'parameter@example.com'
  await server.user({ email: other })
  await server.request('POST', '/recover?ui_locales=fr%20de', { body: { email: other }, headers })
  assert.equal((await server.nextMail(other)).subject, 'Réinitialisez votre mot de passe')
})
