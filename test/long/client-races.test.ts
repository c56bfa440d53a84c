// Races of applications, fifty rounds each.
import { test } from 'node:test'
import { clientRaceEnv, clientRaces } from '../support/client-races.ts'
import { startServers } from '../support/races.ts'

const rounds = 50

for (const count of [1, 2] as const)
  test(`applications show things twenty times, ${count === 1 ? 'one server' : 'two servers on one database'}`, async (t) => {
    const servers = await startServers(count, clientRaceEnv)
    try {
      for (const [name, race] of Object.entries(clientRaces))
        await t.test(name, async () => {
          for (let round = 0; round < rounds; round++) await race(servers)
        })
    } finally {
      await servers.close()
    }
  })
