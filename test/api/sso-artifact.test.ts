// Artifacts of SAML: the browser brings a handle, and this server asks the provider for what it stands for.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { SignedXml } from 'xml-crypto'
import { inMinutes, type ResponseFacts, samlEnv, serverCertificate } from '../support/saml-provider.ts'
import { type Begun, begin, type Connected, claimsIn, connect, countRows, errorOf } from '../support/saml-sign-in.ts'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

const service = 'https://idp.example/artifact'
let asked: { address: string; body: string; headers: Headers }[] = []
let answers: (resolve: string) => Response
let server: TestServer
let provider: Connected
before(async () => {
  server = await startTestServer({
    env: { ...samlEnv, POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true' },
    fetch: async (input, init) => {
      const body = String(init?.body)
      asked.push({ address: String(input), body, headers: new Headers(init?.headers) })
      return answers(/ ID="([^"]+)"/.exec(body)?.[1] ?? '')
    },
  })
  provider = await connect(server)
  const binding = 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP'
  const metadata = provider.metadata(
    `<md:ArtifactResolutionService Binding="${binding}" Location="https://idp.example/other" index="1"/><md:ArtifactResolutionService Binding="${binding}" Location="${service}" index="3"/>`,
  )
  await server.request('PUT', `/admin/sso/providers/${provider.id}`, {
    as: 'service_role',
    body: { metadata_xml: metadata },
  })
})
after(() => server.close())

const artifactOf = (entity_id: string, index = 3, type = 4): string => {
  const head = Buffer.from([0, type, 0, index])
  return Buffer.concat([head, createHash('sha1').update(entity_id).digest(), randomBytes(20)]).toString('base64')
}
let people = 0
const facts = (begun: Begun, more: ResponseFacts = {}): ResponseFacts => ({
  in_response_to: begun.id,
  name_id: `artifact-${++people}`,
  attributes: { email: `artifact${people}@idp.example` },
  ...more,
})

/** A SOAP envelope with a response within an ArtifactResponse. */
function envelope(
  resolve_id: string,
  response: string,
  more: { signed?: boolean; status?: string; body?: string } = {},
): string {
  const id = `_${randomBytes(16).toString('hex')}`
  const issued = inMinutes(0)
  const status = more.status ?? 'Success'
  const write = (signature: string) =>
    `<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${id}" InResponseTo="${resolve_id}" IssueInstant="${issued}" Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${provider.entity_id}</saml:Issuer>${signature}<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"></samlp:StatusCode></samlp:Status>${response.replace(' xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"', '')}</samlp:ArtifactResponse>`
  const message = write(more.signed ? provider.signature(write(''), id) : '')
  return `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${message}${more.body ?? ''}</soap:Body></soap:Envelope>`
}
const bringArtifact = (SAMLart: string, RelayState: string): Promise<Answer> =>
  server.request('POST', '/sso/saml/acs', { form: { SAMLart, RelayState } })

test('an artifact signs in by what the provider gives for it, asked with a signed message', async () => {
  const begun = await begin(server, provider)
  const artifact = artifactOf(provider.entity_id)
  asked = []
  answers = (id) => new Response(envelope(id, provider.respond(facts(begun)).xml))
  claimsIn(await bringArtifact(artifact, begun.relay_state))
  assert.deepEqual(
    asked.map(({ address }) => address),
    [service],
  )
  const [{ body, headers } = { body: '', headers: new Headers() }] = asked
  assert.match(headers.get('content-type') ?? '', /^text\/xml/)
  assert.equal(headers.get('soapaction'), '"http://www.oasis-open.org/committees/security"')
  assert.ok(body.includes(`<samlp:Artifact>${artifact}</samlp:Artifact>`))
  const message = /<samlp:ArtifactResolve.*<\/samlp:ArtifactResolve>/.exec(body)?.[0] ?? ''
  const check = new SignedXml({ publicCert: serverCertificate(false).toString() })
  check.loadSignature(/<ds:Signature .*<\/ds:Signature>/.exec(message)?.[0] ?? '')
  assert.equal(check.checkSignature(message), true)
  assert.match(check.getSignedReferences()[0] ?? '', /^<samlp:ArtifactResolve/)
})

test('the envelope may be signed instead of what is within', async () => {
  const begun = await begin(server, provider)
  answers = (id) =>
    new Response(envelope(id, provider.respond(facts(begun, { signs: 'nothing' })).xml, { signed: true }))
  claimsIn(await bringArtifact(artifactOf(provider.entity_id), begun.relay_state))
})

describe('an artifact is refused, and leaves no row', () => {
  const refuse = async (artifact: string, answer: (id: string, begun: Begun) => Response): Promise<void> => {
    const rows = await countRows(server)
    const begun = await begin(server, provider)
    answers = (id) => answer(id, begun)
    const outcome = errorOf(await bringArtifact(artifact, begun.relay_state))
    assert.deepEqual(outcome, { code: 'invalid_request validation_failed', says: 'SAML Assertion is not valid' })
    assert.deepEqual(await countRows(server), rows)
  }
  const good = (id: string, begun: Begun) => new Response(envelope(id, provider.respond(facts(begun)).xml))

  test('of another provider, another form, or for a service that is not there, without a call', async () => {
    asked = []
    for (const artifact of [
      artifactOf('https://other.example'),
      artifactOf(provider.entity_id, 9),
      artifactOf(provider.entity_id, 3, 1),
      'AAAA',
      'x',
    ])
      await refuse(artifact, good)
    assert.deepEqual(asked, [])
  })

  const cases: Record<string, (id: string, begun: Begun) => Response> = {
    'where nothing is signed': (id, begun) =>
      new Response(envelope(id, provider.respond(facts(begun, { signs: 'nothing' })).xml)),
    'where the envelope answers somebody else': (_, begun) =>
      new Response(envelope('id-else', provider.respond(facts(begun)).xml)),
    'where the provider does not know it': (id) => new Response(envelope(id, '', { status: 'Requester' })),
    'where it stands for nothing': (id) => new Response(envelope(id, '')),
    'where it stands for another request': (id, begun) =>
      new Response(envelope(id, provider.respond(facts({ ...begun, id: 'id-x' })).xml)),
    'where two answers come': (id, begun) =>
      new Response(
        envelope(id, provider.respond(facts(begun)).xml, {
          body: '<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>',
        }),
      ),
    'where the provider fails': () => new Response('broken', { status: 500 }),
    'where the provider answers something else': () => new Response('<html></html>'),
  }
  for (const [name, answer] of Object.entries(cases)) test(name, () => refuse(artifactOf(provider.entity_id), answer))
})

test('an artifact service on a private network is not called', async () => {
  const guarded = await startTestServer({ env: samlEnv, database: server.database, mail: server.mail })
  const inner = await connect(guarded)
  const location = 'http://127.0.0.1:9/artifact'
  const metadata = inner.metadata(
    `<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="${location}" index="3"/>`,
  )
  await guarded.request('PUT', `/admin/sso/providers/${inner.id}`, {
    as: 'service_role',
    body: { metadata_xml: metadata },
  })
  const begun = await begin(guarded, inner)
  const answer = await guarded.request('POST', '/sso/saml/acs', {
    form: { SAMLart: artifactOf(inner.entity_id), RelayState: begun.relay_state },
  })
  assert.equal(errorOf(answer).code, 'invalid_request validation_failed')
  await guarded.close()
})
