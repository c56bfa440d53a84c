// SAM-01 to SAM-05: responses of SAML that were forged, wrapped, changed or are meant for others sign nobody in.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { assertionWrappings, otherForgeries, responseWrappings } from '../support/saml-forgeries.ts'
import { createSamlProvider, inMinutes, type ResponseFacts, samlEnv } from '../support/saml-provider.ts'
import {
  base64,
  begin,
  bring,
  type Connected,
  claimsIn,
  connect,
  countRows,
  errorOf,
  signIn,
} from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let provider: Connected
before(async () => {
  server = await startTestServer({ env: samlEnv })
  provider = await connect(server)
})
after(() => server.close())

const attacker = 'attacker@idp.example'
const refused = { code: 'invalid_request validation_failed', says: 'SAML Assertion is not valid' }
let people = 0
const facts = (more: ResponseFacts = {}): ResponseFacts => ({
  name_id: attacker,
  attributes: { email: `person${++people}@idp.example` },
  ...more,
})

/** Brings a response to a sign-in that began here; it must be refused and leave no row. */
async function refuse(make: (in_response_to: string) => string, why?: RegExp): Promise<void> {
  const rows = await countRows(server)
  const begun = await begin(server, provider)
  const answer = await bring(server, make(begun.id), begun.relay_state)
  assert.deepEqual(errorOf(answer), refused)
  assert.deepEqual(await countRows(server), rows)
  if (why) assert.match(String(server.log.findLast((line) => 'saml_problem' in line)?.saml_problem), why)
}

test('the response that the forgeries change is good', async () => {
  for (const signs of ['assertion', 'response', 'both'] as const)
    claimsIn(await signIn(server, provider, facts({ signs })))
})

describe('SAM-01 wrapped signatures', () => {
  for (const [name, forge] of Object.entries(assertionWrappings))
    test(name, () =>
      refuse((id) => base64(forge({ made: provider.respond(facts({ in_response_to: id })), victim: 'victim' }))),
    )
  for (const [name, forge] of Object.entries(responseWrappings))
    test(name, () =>
      refuse((id) =>
        base64(forge({ made: provider.respond(facts({ in_response_to: id, signs: 'response' })), victim: 'victim' })),
      ),
    )
  // Where both are signed, moving one of them must not leave the other to be read.
  for (const [name, forge] of Object.entries({ ...assertionWrappings, ...responseWrappings }))
    test(`${name}, where the response is signed too`, () =>
      refuse((id) => {
        const made = provider.respond(facts({ in_response_to: id, signs: 'both' }))
        return base64(forge({ made, victim: 'victim' }))
      }))
})

describe('SAM-02, SAM-03 changed messages', () => {
  for (const [name, forge] of Object.entries(otherForgeries))
    test(name, () =>
      refuse((id) => base64(forge({ made: provider.respond(facts({ in_response_to: id })), victim: 'victim' }))),
    )

  test('a comment within a name that was signed ends nothing: all of the name counts', async () => {
    const name_xml = '<saml:NameID>victim@idp.example<!---->.evil.example</saml:NameID>'
    const { sub } = claimsIn(await signIn(server, provider, facts({ name_xml })))
    const [identity] = await server.sql('select provider_id from auth.identities where user_id = $1', [sub])
    assert.deepEqual(identity, { provider_id: 'victim@idp.example.evil.example' })
  })

  test('CDATA within a name that was signed as text is the text', async () => {
    const begun = await begin(server, provider)
    const { xml } = provider.respond(facts({ in_response_to: begun.id, name_id: 'cdata@idp.example' }))
    const { sub } = claimsIn(
      await bring(server, base64(xml.replace('cdata@', '<![CDATA[cdata]]>@')), begun.relay_state),
    )
    const [identity] = await server.sql('select provider_id from auth.identities where user_id = $1', [sub])
    assert.deepEqual(identity, { provider_id: 'cdata@idp.example' })
  })

  test('bytes that are no UTF-8, NUL, and a document of another character set are refused', async () => {
    await refuse((id) => Buffer.from(provider.respond(facts({ in_response_to: id })).xml, 'utf16le').toString('base64'))
    await refuse((id) => base64(provider.respond(facts({ in_response_to: id })).xml.replace('attacker', 'att\0acker')))
    await refuse((id) =>
      Buffer.from(provider.respond(facts({ in_response_to: id })).xml.replace('attacker', '\u00ff'), 'latin1').toString(
        'base64',
      ),
    )
  })

  test('XML that nests deeply, has many elements, or is something else is refused', async () => {
    const deep = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
    await refuse(() => base64(deep(5000)), /nests/)
    await refuse(() => base64(`<a>${'<b/>'.repeat(70_000)}</a>`), /too many/)
    await refuse(() => base64('<html></html>'), /no response/)
    await refuse(() => 'AAAA'.repeat(10))
    await refuse(() => '')
  })
})

describe('SAM-04 signatures that prove nothing', () => {
  const hmac = (xml: string): string => {
    // Signed with the provider's public certificate as the secret.
    const info = /<ds:SignedInfo>.*<\/ds:SignedInfo>/.exec(xml)?.[0] ?? ''
    const canonical = info.replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">')
    const value = createHmac('sha256', provider.certificate.toString()).update(canonical).digest('base64')
    return xml.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`)
  }
  const cases: Record<string, ResponseFacts> = {
    'a signature by SHA-1': { signature: 'rsa-sha1' },
    'a digest by SHA-1': { digest: 'sha1' },
    'a digest by MD5': { digest: 'md5' },
    'an algorithm of no name': { signature: 'none' },
    'an HMAC whose secret is the certificate': { signature: 'hmac-sha256', changeSignature: hmac },
    'no signature at all': { signs: 'nothing' },
  }
  for (const [name, more] of Object.entries(cases))
    test(name, () => refuse((id) => provider.response(facts({ in_response_to: id, ...more }))))

  test('a key of a stranger, though the message brings its certificate along', async () => {
    const stranger = createSamlProvider(provider.entity_id)
    await refuse((id) => stranger.response(facts({ in_response_to: id })), /no key/)
  })

  test('the key of another provider that is connected too', async () => {
    const other = await connect(server)
    await refuse((id) => other.response(facts({ in_response_to: id })), /issuer/)
    await refuse((id) => other.response(facts({ in_response_to: id, issuer: provider.entity_id })), /no key/)
    const rows = await countRows(server)
    // The same without a request: the response names whom it likes.
    const answer = await bring(server, other.response(facts({ issuer: provider.entity_id })))
    assert.deepEqual(errorOf(answer), refused)
    assert.deepEqual(await countRows(server), rows)
  })

  test('a signature of the provider that names another element than the one around it', async () => {
    for (const reference of ['_other', ''])
      await refuse((id) => {
        const { xml, assertion, signature, assertion_id } = provider.respond(facts({ in_response_to: id }))
        const misplaced = provider.signature(assertion.replace(signature, ''), reference)
        assert.notEqual(misplaced, provider.signature(assertion.replace(signature, ''), assertion_id))
        return base64(xml.replace(signature, misplaced))
      }, /not of the element/)
  })

  test('longer hashes, and RSA-PSS, are accepted', async () => {
    for (const more of [
      { signature: 'rsa-sha384', digest: 'sha384' },
      { signature: 'rsa-sha512', digest: 'sha512' },
      { signature: 'pss-sha256' },
    ] as const)
      claimsIn(await signIn(server, provider, facts(more)))
  })
})

describe('SAM-05 messages for others and for other times', () => {
  // Times are told when a test begins: those before it may take long.
  const cases: Record<string, [() => ResponseFacts, RegExp]> = {
    'another audience': [() => ({ audience: 'https://other.example' }), /audience/],
    'another recipient': [() => ({ recipient: 'https://other.example/acs' }), /recipient/],
    'another destination': [() => ({ destination: 'https://other.example/acs' }), /destination/],
    'no destination, where the response is signed': [() => ({ destination: null, signs: 'response' }), /destination/],
    'an answer to another request': [() => ({ in_response_to: `id-${'0'.repeat(40)}` }), /another request/],
    'an answer to none': [() => ({ in_response_to: '' }), /another request/],
    'another issuer': [() => ({ issuer: 'https://other.example' }), /issuer/],
    'a failure at the provider': [() => ({ status: 'Responder' }), /Responder/],
    'one that has expired': [() => ({ not_before: inMinutes(-20), not_after: inMinutes(-4) }), /not valid any more/],
    'one from the future': [() => ({ not_before: inMinutes(4), not_after: inMinutes(20) }), /not valid yet/],
    'one issued two minutes ago': [() => ({ issued_at: inMinutes(-2) }), /too old/],
    'an assertion issued two minutes ago': [() => ({ assertion_issued_at: inMinutes(-2) }), /too old/],
    'one issued in five minutes': [() => ({ issued_at: inMinutes(5) }), /future/],
    'one without an end': [() => ({ not_after: '' }), /not valid any more/],
    'a time that cannot be read': [() => ({ not_after: 'tomorrow' }), /time/],
  }
  for (const [name, [more, why]] of Object.entries(cases))
    test(name, () => refuse((id) => provider.response(facts({ in_response_to: id, ...more() })), why))

  test('an audience may be left out, as recorded, and clocks may differ by three minutes', async () => {
    claimsIn(await signIn(server, provider, facts({ audience: null })))
    claimsIn(await signIn(server, provider, facts({ not_before: inMinutes(2), not_after: inMinutes(9) })))
    claimsIn(await signIn(server, provider, facts({ not_before: inMinutes(-9), not_after: inMinutes(-2) })))
  })
})
