// An address that only looks like somebody's leads to nobody's account (security rule 11).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { address, claims, startProviderServer } from '../support/provider-server.ts'

const { mock, server, present, usersOf } = await startProviderServer()

/** Letters that Unicode has beside others, whose lower case is that of the others. */
const lookalikes = {
  'sign of kelvin': ['\u212a', 'k'],
  'sign of ångström': ['\u212b', 'å'],
  'sign of ohm': ['\u2126', 'ω'],
}

for (const [name, [sign = '', letter = '']] of Object.entries(lookalikes))
  test(`a provider proves an address with the ${name}: it leads to no account of the letter's`, async () => {
    const rest = address('ate')
    const [victim, attacker] = [`${letter}${rest}`, `${sign}${rest}`]
    assert.equal(attacker.toLowerCase(), victim)
    const first = await present(await mock.sign(claims(victim)))
    assert.equal(first.status, 200)
    const { status, body } = await present(await mock.sign(claims(attacker, { sub: `attacker ${name}` })))
    assert.deepEqual([status, body.error_code], [422, 'provider_email_needs_verification'])
    const [user, ...others] = await usersOf(victim)
    assert.deepEqual(others, [])
    const identities = await server.sql<{ provider_id: string }>(
      'select provider_id from auth.identities where user_id = $1',
      [String(user?.id)],
    )
    assert.deepEqual(identities, [{ provider_id: `sub of ${victim}` }])
  })

test('an address in other letters than ASCII is somebody’s own', async () => {
  const email = `änne${address('ß')}`
  const { status, body } = await present(await mock.sign(claims(email)))
  assert.deepEqual([status, Object(body.user).email], [200, email])
})

for (const between of [',', ';', ' ', '"', '\u00a0', '\u200b', '<', '('])
  test(`an address that goes on after ${JSON.stringify(between)} is proved by no mail to its beginning`, async () => {
    const email = `${address('attacker')}${between}${address('boss')}`
    const { status, body } = await present(await mock.sign(claims(email, { email_verified: false })))
    assert.deepEqual([status, body.error_code], [422, 'provider_email_needs_verification'])
    assert.deepEqual(await usersOf(email), [])
    assert.deepEqual(await server.sql('select from postern.outbox'), [])
  })
