// npm run bench -- memory: what a server holds resident, at rest and after many requests.
import type { Bench } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { connections } from './support/in-turns.ts'
import { type People, signUpPeople } from './support/people.ts'
import type { Started } from './support/start-process.ts'

/** Looks at one process, and at a supervisor with its two workers. */
export async function memory(bench: Bench): Promise<Found> {
  const servers: [name: string, start: () => Promise<Started>][] = [
    ['`serve`', async () => bench.serve(await bench.database())],
    ['`serve --workers 2`', async () => bench.serve(await bench.database(), { args: ['--workers', '2'] })],
  ]
  const { against } = bench
  if (against !== null) servers.push(['the other server', async () => bench.other(await bench.database(), against)])
  const rows: Found['rows'] = []
  for (const [name, start] of servers) {
    bench.say(`  ${name}`)
    const server = await start()
    const found = await memoryOf(server, bench)
    rows.push([name, ...found.map(rounded)])
    await server.close()
  }
  const each = bench.requests.toLocaleString('en')
  return {
    columns: [
      'server',
      'at rest',
      `after ${each} GET /user`,
      'and lists',
      'and refreshes',
      'at rest again',
      'the most',
    ],
    rows,
    how: `Resident megabytes of all its processes together (pages that they share are counted in each), from ${connections} connections; a tenth as many lists of 50 and refreshes as GET /user. At rest is five seconds without a request.`,
    panel: {
      title: `Resident after ${each} GET /user, and lists and refreshes`,
      unit: 'MB',
      parts: ['resident'],
      bars: rows.map((row) => ({ name: String(row[0]), values: [Number(row[4])] })),
    },
  }
}

async function memoryOf(server: Started, bench: Bench): Promise<number[]> {
  const rest = () => new Promise((wake) => setTimeout(wake, Math.min(5, bench.seconds) * 1000))
  const found: number[] = []
  const look = () => found.push(server.memory().now)
  await rest()
  look()
  const people = await signUpPeople(server.port)
  await repeat(bench.requests, people.user)
  look()
  await repeat(bench.requests / 10, () => people.list())
  look()
  await repeat(bench.requests / 10, people.refresh)
  look()
  people.client.close()
  await rest()
  look()
  return [...found, server.memory().most]
}

async function repeat(times: number, run: People['user']): Promise<void> {
  let left = times
  const turns = async (client: number) => {
    while (left-- > 0) await run(client)
  }
  await Promise.all(Array.from({ length: connections }, (_, client) => turns(client)))
}
