// A device that somebody trusts on the page of the second step: it is spared that step at later sign-ins on the pages.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { totpCode } from '../../src/crypto/totp.ts'
import { ownerOfApp, password } from '../support/second-factors.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { newVisitor, type Visitor } from '../support/visitor.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: { POSTERN_PAGES: 'true', POSTERN_MFA_TRUSTED_DEVICES: 'true' } })
})
after(() => server.close())

async function signIn(visitor: Visitor, identifier: string) {
  await visitor.open('/pages/sign-in')
  return visitor.send('/pages/sign-in', { identifier, password })
}

const signOut = async (visitor: Visitor) => {
  await visitor.open('/pages/sign-out')
  await visitor.send('/pages/sign-out')
}

test('a trusted device is spared the second step, with another token each time, until it is trusted no more', async () => {
  const { person, secret } = await ownerOfApp(server, { email: 'trust@example.com' })
  const visitor = newVisitor(server)
  const asked = await signIn(visitor, person.user.email)
  assert.match(asked.path, /^\/pages\/second-factor/)
  assert.match(asked.text, /for 30 days/)
  const code = totpCode(secret, Date.now() / 1000)
  assert.equal((await visitor.send('/pages/second-factor', { code, trust_device: 'true' })).path, '/pages/account')
  const first = visitor.cookies.get('postern-device')
  assert.match(first ?? '', /^[\w-]{43}$/)
  await signOut(visitor)
  assert.equal((await signIn(visitor, person.user.email)).path, '/pages/account')
  assert.notEqual(visitor.cookies.get('postern-device'), first)
  assert.equal((await signIn(newVisitor(server), person.user.email)).path.startsWith('/pages/second-factor'), true)
  const devices = await visitor.open('/pages/account/devices')
  assert.match(devices.text, /Trusted devices/)
  await visitor.send('/forget')
  await signOut(visitor)
  assert.match((await signIn(visitor, person.user.email)).path, /^\/pages\/second-factor/)
})

test('the device of one person spares nobody else the second step', async () => {
  const one = await ownerOfApp(server, { email: 'trust1@example.com' })
  const other = await ownerOfApp(server, { email: 'trust2@example.com' })
  const visitor = newVisitor(server)
  await signIn(visitor, one.person.user.email)
  const code = totpCode(one.secret, Date.now() / 1000)
  await visitor.send('/pages/second-factor', { code, trust_device: 'true' })
  await signOut(visitor)
  assert.match((await signIn(visitor, other.person.user.email)).path, /^\/pages\/second-factor/)
})
