// POSTERN_MFA_TRUSTED_DEVICES: what a trusted device spares people, and what ends the trust.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { claimsOf, ownerOfApp, password, showApp, signInAgain } from '../support/second-factors.ts'
import { type Answer, mint, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: { POSTERN_MFA_TRUSTED_DEVICES: 'true' } })
})
after(() => server.close())

const trust = () => ownerOfApp(server, {}, { trust_device: true })
const tokenOf = ({ body }: Answer): string => String(Object(body.trusted_device).token)
const withDevice = (owner: Awaited<ReturnType<typeof trust>>, token: string) =>
  signInAgain(server, owner.person, { 'x-trusted-device': token })
const levelOf = ({ status, body }: Answer) => (status === 200 ? claimsOf(body.access_token).aal : status)

test('a device that was trusted is spared the second factor, with another token at each use', async () => {
  const owner = await trust()
  const first = tokenOf(owner.raised)
  assert.match(first, /^[\w-]{43}$/)
  const stored = await server.sql('select token_hash from postern.trusted_devices where user_id = $1', [
    owner.person.user.id,
  ])
  assert.ok(!JSON.stringify(stored).includes(first))
  const second = await withDevice(owner, first)
  assert.equal(levelOf(second), 'aal2')
  const { amr } = claimsOf(second.body.access_token) as { amr: { method: string }[] }
  assert.deepEqual(amr.map(({ method }) => method).sort(), ['password', 'trusted_device'])
  assert.notEqual(tokenOf(second), first)
  assert.equal(levelOf(await withDevice(owner, first)), 'aal1')
  assert.equal(levelOf(await withDevice(owner, tokenOf(second))), 'aal2')
})

test('without the question, a foreign token and a token of somebody else spare nothing', async () => {
  const [owner, other] = [await trust(), await ownerOfApp(server)]
  assert.equal(other.raised.body.trusted_device, undefined)
  const foreign = await signInAgain(server, other.person, { 'x-trusted-device': tokenOf(owner.raised) })
  assert.equal(levelOf(foreign), 'aal1')
  assert.equal(levelOf(await withDevice(owner, 'A'.repeat(43))), 'aal1')
  assert.equal(levelOf(await withDevice(owner, tokenOf(owner.raised))), 'aal2')
})

test('ten uses of one token at once raise one session', async () => {
  const owner = await trust()
  const token = tokenOf(owner.raised)
  const answers = await Promise.all(Array.from({ length: 10 }, () => withDevice(owner, token)))
  assert.equal(answers.filter((answer) => levelOf(answer) === 'aal2').length, 1)
})

test('credentials and factors need a factor that was shown within ten minutes', async () => {
  const owner = await trust()
  const token = String((await withDevice(owner, tokenOf(owner.raised))).body.access_token)
  const weak = [
    await server.request('PUT', '/user', { token, body: { password: 'another horse battery staple' } }),
    await server.request('POST', '/factors', { token, body: { factor_type: 'totp', friendly_name: 'second' } }),
    await server.request('DELETE', `/factors/${owner.factor_id}`, { token }),
    await server.request('POST', '/factors/recovery-codes', { token }),
  ]
  for (const { body, text } of weak) assert.equal(body.error_code, 'insufficient_aal', text)
  const shown = await showApp(server, token, owner, {}, 1)
  assert.equal(shown.status, 200, shown.text)
  const strong = await server.request('POST', '/factors/recovery-codes', { token: String(shown.body.access_token) })
  assert.equal(strong.status, 200, strong.text)
})

for (const [what, change] of [
  [
    'a new password',
    (id: string) =>
      server.request('PUT', `/admin/users/${id}`, { as: 'service_role', body: { password: `${password}!` } }),
  ],
  ['a factor that is gone', (id: string) => server.sql('delete from auth.mfa_factors where user_id = $1', [id])],
  ['a global sign-out', async (_: string, token: string) => server.request('POST', '/logout', { token })],
] as const)
  test(`${what} ends the trust`, async () => {
    const owner = await trust()
    await change(owner.person.user.id, owner.token)
    const answer = await server.request('POST', '/token?grant_type=password', {
      body: { email: owner.person.user.email, password: what === 'a new password' ? `${password}!` : password },
      headers: { 'x-trusted-device': tokenOf(owner.raised) },
    })
    assert.equal(answer.status, 200, answer.text)
    assert.equal(levelOf(answer), 'aal1')
    assert.equal(answer.body.trusted_device, undefined)
  })

test('a ban ends the trust, also once it is lifted', async () => {
  const owner = await trust()
  const ban = (ban_duration: string) =>
    server.request('PUT', `/admin/users/${owner.person.user.id}`, { as: 'service_role', body: { ban_duration } })
  await ban('1h')
  await ban('none')
  assert.equal(levelOf(await withDevice(owner, tokenOf(owner.raised))), 'aal1')
})

test('devices are listed and revoked with sessions, by their owner only', async () => {
  const [owner, stranger] = [await trust(), await trust()]
  const { body } = await server.request('GET', '/user/sessions', { token: owner.token })
  const [device] = body.trusted_devices as { id: string; expires_at: string }[]
  assert.ok(device && Date.parse(device.expires_at) > Date.now())
  const path = `/user/sessions/${device.id}`
  assert.equal((await server.request('DELETE', path, { token: stranger.token })).status, 404)
  assert.equal((await server.request('DELETE', path, { token: owner.token })).status, 204)
  assert.equal(levelOf(await withDevice(owner, tokenOf(owner.raised))), 'aal1')
})

test('a token without proofs, as a hook may make it, opens no more than one with them', async () => {
  const owner = await trust()
  const spared = await withDevice(owner, tokenOf(owner.raised))
  const { amr: _, iat: __, exp: ___, ...claims } = claimsOf(spared.body.access_token)
  const answer = await server.request('PUT', '/user', {
    token: mint(claims),
    body: { password: 'another horse battery staple' },
  })
  assert.deepEqual([answer.status, answer.body.error_code], [401, 'insufficient_aal'])
})

test('a page of another origin may show its device', async () => {
  const { status, headers } = await server.request('OPTIONS', '/token', {
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-trusted-device',
    },
  })
  assert.equal(status, 204)
  assert.equal(headers.get('access-control-allow-headers'), 'x-trusted-device')
})
