// npm run bench -- cold-start: from the start of a server to its first healthy answer.
import { join } from 'node:path'
import { type Bench, serverVariables } from './support/bench.ts'
import { type Found, rounded } from './support/found.ts'
import { median } from './support/in-turns.ts'
import { serverProgram } from './support/server-program.ts'
import type { Started } from './support/start-process.ts'

/** Starts each so often as there are rounds, in turns. */
export async function coldStart(bench: Bench): Promise<Found> {
  const servers = await serversOf(bench)
  const found = new Map<string, Started['cold'][]>()
  for (let round = 0; round < bench.rounds; round++) {
    bench.say(`  round ${round + 1} of ${bench.rounds}`)
    for (const [name, start] of Object.entries(servers)) {
      const server = await start()
      await server.close()
      found.set(name, [...(found.get(name) ?? []), server.cold])
    }
  }
  const rows = [...found].map(([name, times]) => {
    const wall = times.map(({ wall_ms }) => wall_ms)
    return [name, median(wall), Math.min(...wall), median(times.map(({ processor_ms }) => processor_ms))].map((cell) =>
      typeof cell === 'number' ? rounded(cell) : cell,
    )
  })
  return {
    columns: ['started', 'median ms', 'least ms', 'processor ms'],
    rows,
    how: `By the clock until \`/health\` says 200, asked every 4 ms, medians of ${bench.rounds}; the processor's time is that of the server's first process.`,
    panel: {
      title: 'From the start to the first healthy answer',
      unit: 'ms',
      parts: ['by the clock'],
      bars: rows.map(([name, ms]) => ({ name: String(name), values: [Number(ms)] })),
    },
  }
}

async function serversOf(bench: Bench): Promise<Record<string, () => Promise<Started>>> {
  const database = await bench.database()
  const main = serverProgram()
  const serve = (more: Record<string, string>) => () =>
    bench.start((port) => ({
      command: [...main, 'serve'],
      env: { ...serverVariables(database.url, port), ...more },
      health: '/health',
    }))
  const dev = (folder: string) => () =>
    bench.start((port) => ({
      command: [...main, 'dev', '--port', String(port), '--state', join(folder, 'state')],
      env: {},
      health: '/auth/v1/health',
    }))
  const cached = serve({ NODE_COMPILE_CACHE: await bench.folder() })
  const again = dev(await bench.folder())
  const { against } = bench
  const other = against === null ? null : await bench.database()
  const startOther = () => bench.other(other ?? database, against ?? '')
  // Migrations are no part of a start, and caches are filled.
  for (const start of [serve({}), cached, again, ...(other ? [startOther] : [])]) await (await start()).close()
  return {
    '`serve`': serve({}),
    '`serve`, with `NODE_COMPILE_CACHE`': cached,
    '`dev`, the first time': async () => dev(await bench.folder())(),
    '`dev`, again': again,
    ...(other && { 'the other server': startOther }),
  }
}
