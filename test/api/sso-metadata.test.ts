// Metadata of SAML providers: fetched again when it is stale, by the guarded call, without anybody waiting for it.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { until } from '../support/process.ts'
import { createSamlProvider, inMinutes, type SamlProvider, samlEnv } from '../support/saml-provider.ts'
import { begin, type Connected, claimsIn, connect, errorOf, signIn } from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const address = 'https://idp.example/metadata.xml'
let served: () => Response | Promise<Response>
let fetches = 0
let clock_ms = 0
let server: TestServer
before(async () => {
  server = await startTestServer({
    env: { ...samlEnv, POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    now: () => Date.now() + clock_ms,
    fetch: async () => {
      fetches++
      return served()
    },
  })
})
after(() => server.close())
beforeEach(() => {
  fetches = 0
})

let people = 0
const person = () => ({ name_id: `fresh-${++people}`, attributes: { email: `fresh${people}@idp.example` } })
let entities = 0

/** A provider whose metadata is at an address, and which may change its key. */
async function published(attributes = ''): Promise<{ old: Connected; changed: SamlProvider }> {
  const entity_id = `https://changing${++entities}.example`
  const [first, changed] = [createSamlProvider(entity_id), createSamlProvider(entity_id)]
  served = () => new Response(first.metadata('', attributes))
  const old = await connect(server, { metadata_url: address }, first)
  served = () => new Response(changed.metadata('', attributes))
  fetches = 0
  return { old, changed }
}
const age = (provider: Connected, seconds: number) =>
  server.sql(
    `update auth.saml_providers set updated_at = now() - $2::int * interval '1 second' where sso_provider_id = $1`,
    [provider.id, seconds],
  )
const storedOf = async ({ id }: Connected) =>
  (
    await server.sql<{ metadata_xml: string }>(
      'select metadata_xml from auth.saml_providers where sso_provider_id = $1',
      [id],
    )
  )[0]?.metadata_xml

/** Nobody waits for a fetch: it may begin after the answer. */
const untilFetched = () => until('the metadata is asked for', () => fetches === 1)

test('what is fresh is not fetched, and what is a day old is, behind an answer', async () => {
  const { old, changed } = await published()
  await age(old, 86_000)
  claimsIn(await signIn(server, old, person()))
  assert.equal(fetches, 0)
  await age(old, 87_000)
  let release = () => {}
  served = () =>
    new Promise((resolve) => {
      release = () => resolve(new Response(changed.metadata()))
    })
  await begin(server, old)
  claimsIn(await signIn(server, old, person()))
  await untilFetched()
  release()
  await until('what was fetched is stored', async () => (await storedOf(old)) === changed.metadata())
  assert.equal(fetches, 1)
})

test('whoever signs with a new key is let in by what the address says now', async () => {
  const { old, changed } = await published()
  await age(old, 87_000)
  claimsIn(await signIn(server, { ...changed, id: old.id }, person()))
  assert.equal(await storedOf(old), changed.metadata())
  // The old key is no key any more.
  assert.equal(errorOf(await signIn(server, old, person())).code, 'invalid_request validation_failed')
})

test('cacheDuration and validUntil decide where they are given', async () => {
  const { old: cached } = await published(' cacheDuration="PT1H"')
  await age(cached, 3500)
  await begin(server, cached)
  assert.equal(fetches, 0)
  await age(cached, 3700)
  await begin(server, cached)
  await untilFetched()
  const { old: valid } = await published(` validUntil="${inMinutes(10)}"`)
  await age(valid, 1_000_000)
  await begin(server, valid)
  assert.equal(fetches, 0)
  clock_ms = 11 * 60_000
  await begin(server, valid)
  await untilFetched()
  clock_ms = 0
})

for (const [what, answer] of [
  ['an error', () => new Response('gone', { status: 404 })],
  ['no metadata', () => new Response('<html></html>')],
  ['the metadata of another entity', () => new Response(createSamlProvider('https://another.example').metadata())],
  ['nothing, since it is out of reach', () => Promise.reject(new Error('no route'))],
] as const)
  test(`an address that answers ${what} changes nothing, is told in the log, and is not asked again at once`, async () => {
    const { old, changed } = await published()
    const stored = await storedOf(old)
    served = answer
    await age(old, 87_000)
    assert.equal(
      errorOf(await signIn(server, { ...changed, id: old.id }, person())).code,
      'invalid_request validation_failed',
    )
    claimsIn(await signIn(server, old, person()))
    assert.equal(fetches, 1)
    assert.equal(await storedOf(old), stored)
    const told = server.log.find((line) => line.sso_provider_id === old.id)
    assert.match(String(told?.message), /SAML metadata could not be fetched/)
  })

test('twenty sign-ins at once fetch once', async () => {
  const { old, changed } = await published()
  await age(old, 87_000)
  await Promise.all(Array.from({ length: 20 }, () => begin(server, old)))
  await untilFetched()
  await until('what was fetched is stored', async () => (await storedOf(old)) === changed.metadata())
  assert.equal(fetches, 1)
})

test('metadata of a federation is read by its first entity that signs people in', async () => {
  const one = createSamlProvider('https://federated.example')
  const many = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:EntityDescriptor entityID="https://sp.example"/>${one.metadata()}</md:EntitiesDescriptor>`
  claimsIn(await signIn(server, await connect(server, {}, one, many), person()))
})

test('our own metadata as a file to keep is valid for five years', async () => {
  const { text, headers } = await server.request('GET', '/sso/saml/metadata?download=true')
  assert.equal(headers.get('content-disposition'), 'attachment; filename="metadata.xml"')
  const until = Date.parse(/validUntil="([^"]+)"/.exec(text)?.[1] ?? '')
  assert.ok(until > Date.now() + 4.9 * 365 * 86_400_000)
})
