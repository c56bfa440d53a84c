// postern doctor on identity providers of companies: what would keep all their people out is told before they come.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { samlCheck } from '../../src/flows/doctor/saml-check.ts'
import { load } from '../support/config.ts'
import { createSamlProvider, inMinutes, samlEnv } from '../support/saml-provider.ts'
import { connect } from '../support/saml-sign-in.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ env: samlEnv })
})
after(() => server.close())

const config = load(samlEnv)
const problems = async () => {
  const found = await samlCheck.run({ config, db: server.database.db, now: Date.now })
  return Array.isArray(found) ? found : assert.fail(JSON.stringify(found))
}
const days = (n: number) => ` validUntil="${inMinutes(n * 1440 + 5)}"`

test('is made where SAML is on, and finds nothing wrong with good providers and disabled ones', async () => {
  assert.equal(samlCheck.applies(config), true)
  assert.equal(samlCheck.applies(load()), false)
  await connect(server)
  const long = createSamlProvider('https://long.example')
  await connect(server, {}, long, long.metadata('', days(31)))
  const broken = await connect(server)
  await server.sql(`update auth.saml_providers set metadata_xml = 'x' where sso_provider_id = $1`, [broken.id])
  await server.request('PUT', `/admin/sso/providers/${broken.id}`, { as: 'service_role', body: { disabled: true } })
  assert.deepEqual(await problems(), [])
})

test('names each provider that signs nobody in, and what to do', async () => {
  const unreadable = await connect(server, { domains: ['unreadable.example'] })
  await server.sql(`update auth.saml_providers set metadata_xml = 'x' where sso_provider_id = $1`, [unreadable.id])
  const posting = createSamlProvider('https://posting.example')
  await connect(server, {}, posting, posting.metadata().replace('HTTP-Redirect', 'HTTP-POST'))
  const keyless = createSamlProvider('https://keyless.example')
  await connect(server, {}, keyless, keyless.metadata().replace('use="signing"', 'use="encryption"'))
  const soon = createSamlProvider('https://soon.example')
  await connect(server, {}, soon, soon.metadata('', days(10)))
  const gone = createSamlProvider('https://gone.example')
  await connect(server, {}, gone, gone.metadata('', days(-3)))
  const found = await problems()
  assert.equal(found.length, 5, found.join('\n'))
  for (const [place, says] of [
    /\(unreadable\.example\) has metadata that cannot be read; send it again: PUT/,
    /https:\/\/posting\.example .* takes no requests by HTTP-Redirect/,
    /https:\/\/keyless\.example .* has no certificate for signatures/,
    /https:\/\/soon\.example .* for 10 more days; give its metadata_url/,
    /https:\/\/gone\.example .* metadata that is over/,
  ].entries())
    assert.match(found[place] ?? '', says)
})
