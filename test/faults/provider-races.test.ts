// Races of external sign-in, a few rounds each; npm run test:long runs fifty.
import { test } from 'node:test'
import { startMockProviders } from '../support/mock-providers.ts'
import { providerEnv, providerRaces } from '../support/provider-races.ts'
import { startServers } from '../support/races.ts'

const rounds = 4

for (const count of [1, 2] as const)
  test(`twenty at once come from a provider, ${count === 1 ? 'one server' : 'two servers on one database'}`, async (t) => {
    const mock = await startMockProviders()
    const servers = await startServers(count, providerEnv, mock.fetch)
    try {
      for (const [name, race] of Object.entries(providerRaces))
        await t.test(name, async () => {
          for (let round = 0; round < rounds; round++) await race(servers, mock)
        })
    } finally {
      await servers.close()
      await mock.stop()
    }
  })
