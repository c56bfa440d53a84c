// Encrypted assertions of SAML: for our key and the next one, by every cipher that providers use, and none that was tampered with.
import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Encryption, samlEnv, serverCertificate } from '../support/saml-provider.ts'
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

let people = 0
const facts = () => ({ name_id: `sealed-${++people}`, attributes: { email: `sealed${people}@idp.example` } })
const sealed = (more: Partial<Encryption> = {}): Encryption => ({
  method: 'aes256-gcm',
  transport: 'rsa-oaep-mgf1p',
  certificate: serverCertificate(),
  ...more,
})

describe('an encrypted assertion signs in', () => {
  const methods = ['aes128-cbc', 'aes192-cbc', 'aes256-cbc', 'tripledes-cbc', 'aes128-gcm', 'aes256-gcm'] as const
  for (const method of methods)
    for (const transport of ['rsa-oaep-mgf1p', 'rsa-1_5'] as const)
      test(`by ${method} with ${transport}`, async () => {
        claimsIn(await signIn(server, provider, { ...facts(), encryption: sealed({ method, transport }) }))
      })

  test('where the response is signed and the assertion within is not', async () => {
    claimsIn(await signIn(server, provider, { ...facts(), signs: 'response', encryption: sealed() }))
  })
})

describe('an encrypted assertion is refused, in words that tell nothing of why', () => {
  const same = { code: 'invalid_request validation_failed', says: 'SAML Assertion is not valid' }
  const change = async (changed: (xml: string) => string, encryption = sealed({ method: 'aes128-cbc' })) => {
    const rows = await countRows(server)
    const begun = await begin(server, provider)
    const { xml } = provider.respond({ ...facts(), in_response_to: begun.id, encryption })
    assert.deepEqual(errorOf(await bring(server, base64(changed(xml)), begun.relay_state)), same)
    assert.deepEqual(await countRows(server), rows)
  }
  const lastValue = /(<xenc:CipherValue>)([^<]+)(<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/

  test('whose last block, first block or key was changed', async () => {
    const flip = (text: string, at: number): string => {
      const bytes = Buffer.from(text, 'base64')
      const place = at < 0 ? bytes.length + at : at
      bytes[place] = (bytes[place] ?? 0) ^ 1
      return bytes.toString('base64')
    }
    for (const at of [-1, -17, 0, 40])
      for (const method of ['aes128-cbc', 'aes256-gcm'] as const)
        await change(
          (xml) => xml.replace(lastValue, (_, open, value, close) => open + flip(value, at) + close),
          sealed({ method }),
        )
    await change((xml) => xml.replace(/(<xenc:CipherValue>)([^<]+)/, (_, open, value) => open + flip(value, 9)))
  })

  test('that is cut, empty, or by an algorithm that is not listed', async () => {
    await change((xml) => xml.replace(lastValue, '$1AAAA$3'))
    await change((xml) => xml.replace(lastValue, '$1$3'))
    await change((xml) => xml.replace('#aes128-cbc', '#aes128-ecb'))
    await change((xml) => xml.replace('#rsa-oaep-mgf1p', '#kw-aes128'))
    await change((xml) => xml.replace(/<xenc:EncryptedKey>.*<\/xenc:EncryptedKey>/, ''))
  })

  test('for the key of somebody else', async () => {
    await change((xml) => xml, sealed({ certificate: provider.certificate }))
  })

  test('beside one in clear, or within which there is another', async () => {
    const begun = await begin(server, provider)
    const clear = provider.respond({ ...facts(), in_response_to: begun.id })
    const { xml } = provider.respond({ ...facts(), in_response_to: begun.id, encryption: sealed() })
    const both = xml.replace('<saml:EncryptedAssertion', `${clear.assertion}<saml:EncryptedAssertion`)
    assert.deepEqual(errorOf(await bring(server, base64(both), begun.relay_state)), same)
  })

  test('that is not signed', async () => {
    const answer = await signIn(server, provider, { ...facts(), signs: 'nothing', encryption: sealed() })
    assert.deepEqual(errorOf(answer), same)
  })
})

test('the next key decrypts once encrypted assertions are on, and stands in the metadata', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const nextKey = privateKey.export({ format: 'der', type: 'pkcs1' }).toString('base64')
  const env = { ...samlEnv, GOTRUE_SAML_PRIVATE_KEY_NEXT: nextKey }
  const turning = await startTestServer({
    database: server.database,
    mail: server.mail,
    env: { ...env, GOTRUE_SAML_ALLOW_ENCRYPTED_ASSERTIONS: 'true' },
  })
  const { text, headers } = await turning.request('GET', '/sso/saml/metadata')
  assert.equal(headers.get('cache-control'), 'public, max-age=60')
  const certificates = Array.from(text.matchAll(/use="(\w+)".*?X509Certificate>([^<]+)</g), ([, use, value]) => ({
    use,
    certificate: new X509Certificate(Buffer.from(value ?? '', 'base64')),
  }))
  assert.deepEqual(
    certificates.map(({ use }) => use),
    ['encryption', 'signing', 'signing', 'encryption'],
  )
  const next = certificates[3]?.certificate
  assert.ok(next)
  claimsIn(await signIn(turning, provider, { ...facts(), encryption: sealed({ certificate: next }) }))
  await turning.close()
  // As recorded, the second key decrypts only where a key for encryption is published.
  const plain = await startTestServer({ database: server.database, mail: server.mail, env })
  assert.equal((await signIn(plain, provider, { ...facts(), encryption: sealed({ certificate: next }) })).status, 303)
  await plain.close()
})
