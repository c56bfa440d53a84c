// Races, fifty rounds each.
import { test } from 'node:test'
import { codeRaces, codes, frequencyRaces, type Race, races, signedRaces, startServers } from '../support/races.ts'

const rounds = 50
const settings: { all: Record<string, Race>; env: Record<string, string> }[] = [
  { all: races, env: {} },
  { all: codeRaces, env: codes },
  { all: frequencyRaces, env: { GOTRUE_SMTP_MAX_FREQUENCY: '60s' } },
  { all: signedRaces, env: { GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: '2' } },
]

for (const count of [1, 2] as const)
  for (const { all, env } of settings)
    test(`twenty requests at once, ${count === 1 ? 'one server' : 'two servers on one database'}`, async (t) => {
      const servers = await startServers(count, env)
      try {
        for (const [name, race] of Object.entries(all))
          await t.test(name, async () => {
            for (let round = 0; round < rounds; round++) await race(servers)
          })
      } finally {
        await servers.close()
      }
    })
