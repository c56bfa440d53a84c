// Whom an assertion of SAML is about: id, address, and the claims that the mapping of their provider names.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { samlEnv } from '../support/saml-provider.ts'
import { type Connected, claimsIn, connect, countRows, errorOf, signIn } from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let provider: Connected
before(async () => {
  server = await startTestServer({ env: samlEnv })
  provider = await connect(server)
})
after(() => server.close())

let people = 0
const attributes = () => ({ email: `claims${++people}@company.example` })

describe('whom', () => {
  const sign = async (facts: Parameters<typeof signIn>[2], at = provider) => claimsIn(await signIn(server, at, facts))
  const metadataOf = async (facts: Parameters<typeof signIn>[2], at = provider) =>
    (await sign(facts, at)).user_metadata as Record<string, unknown>

  test('by subject-id before the name, by an address in lower case, by any other name as it is', async () => {
    const id = 'urn:oasis:names:tc:SAML:attribute:subject-id'
    assert.equal((await metadataOf({ attributes: { ...attributes(), [id]: 'Subject@1' } })).sub, 'Subject@1')
    assert.equal((await metadataOf({ name_format: 'email', name_id: ' Ada@X.example ' })).sub, 'ada@x.example')
    assert.equal(
      (await metadataOf({ name_format: 'unspecified', name_id: 'ADA', attributes: attributes() })).sub,
      'ADA',
    )
  })

  test('the address from the first attribute that has one, else from the name', async () => {
    const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress'
    const oid = 'urn:oid:0.9.2342.19200300.100.1.3'
    assert.equal(
      (await sign({ name_id: 'a1', attributes: { mail: 'm@x.example', [soap]: 's@x.example' } })).email,
      's@x.example',
    )
    assert.equal(
      (await sign({ name_id: 'a2', attributes: { [soap]: 's2@x.example', [oid]: 'o@x.example' } })).email,
      'o@x.example',
    )
    assert.equal((await sign({ name_id: 'n@x.example', name_format: 'email' })).email, 'n@x.example')
  })

  test('claims by the mapping: names in order, any case, lists, defaults; what has no place is a custom claim', async () => {
    const mapped = await connect(server, {
      attribute_mapping: {
        keys: {
          name: { names: ['displayName', 'cn'] },
          given_name: { name: 'first', names: ['GivenName'] },
          groups: { name: 'memberOf', array: true },
          plan: { name: 'plan', default: { seats: 3 } },
          missing: { name: 'missing' },
          email: { name: 'workMail' },
        },
      },
    })
    const attributes = {
      displayname: ['', 'Ada Lovelace'],
      CN: 'Not this',
      givenname: 'Ada',
      memberof: ['engines', '', 'notes'],
      WORKMAIL: 'Ada@Work.example',
      mail: 'other@work.example',
    }
    const { iss, sub, ...metadata } = await metadataOf({ name_id: 'mapped', attributes }, mapped)
    assert.deepEqual(metadata, {
      custom_claims: { groups: ['engines', 'notes'], plan: { seats: 3 } },
      email: 'ada@work.example',
      email_verified: true,
      given_name: 'Ada',
      name: 'Ada Lovelace',
      phone_verified: false,
    })
    assert.deepEqual([iss, sub], [mapped.entity_id, 'mapped'])
  })

  test('claims in another case stand in their place and beside it, as recorded; no attribute is custom_claims', async () => {
    const keys = {
      Name: { name: 'cn' },
      custom_claims: { name: 'none', default: { a: 1 } },
      updated_at: { name: 'when' },
      sub: { name: 'cn' },
      iss: { name: 'cn' },
      email_verified: { name: 'none', default: false },
    }
    const cased = await connect(server, { attribute_mapping: { keys } })
    const given = { ...attributes(), cn: 'Ada', when: '2020-01-01T00:00:00Z' }
    const metadata = await metadataOf({ name_id: 'cased', attributes: given }, cased)
    assert.deepEqual(metadata.custom_claims, { Name: 'Ada' })
    assert.deepEqual([metadata.name, metadata.sub, metadata.iss], ['Ada', 'cased', cased.entity_id])
    assert.deepEqual([metadata.updated_at, metadata.email_verified], ['2020-01-01T00:00:00Z', true])
  })

  for (const [what, keys] of [
    ['a list where a text belongs', { name: { name: 'cn', array: true } }],
    ['a text where a number belongs', { iat: { name: 'cn' } }],
    ['a number where a text belongs', { name: { name: 'none', default: 5 } }],
    ['a text that is no time', { updated_at: { name: 'cn' } }],
    ['a text that is no boolean', { phone_verified: { name: 'cn' } }],
    ['a text that is a number where a time belongs', { updated_at: { name: 'none', default: '5' } }],
    ['a list where a time belongs', { updated_at: { name: 'cn', array: true } }],
    ['a number where an audience belongs', { aud: { name: 'none', default: 5 } }],
    ['a text for custom_claims', { custom_claims: { name: 'cn' } }],
  ] as const)
    test(`a mapping that puts ${what} is told, and makes no account`, async () => {
      const broken = await connect(server, { attribute_mapping: { keys } })
      const rows = await countRows(server)
      const answer = await signIn(server, broken, { attributes: { ...attributes(), cn: 'x' } })
      assert.deepEqual(errorOf(answer), {
        code: 'server_error unexpected_failure',
        says: 'Mapped claims from provider could not be deserialized from JSON',
      })
      assert.deepEqual((await countRows(server))['auth.users'], rows['auth.users'])
    })
})
