// npm run bench -- sharing: three ways in which the workers of `postern serve` can share a port.
import { fileURLToPath } from 'node:url'
import type { Bench } from './support/bench.ts'
import { benchClient } from './support/bench-client.ts'
import { type Found, rounded } from './support/found.ts'
import { connections, type Item, measureInTurns, runFor } from './support/in-turns.ts'
import { processorTime, treeOf } from './support/processor-time.ts'
import type { Started } from './support/start-process.ts'

const preload = fileURLToPath(new URL('support/reuse-port.ts', import.meta.url))

/** How each is asked for. */
const ways: Record<string, { flags?: string[]; env?: Record<string, string> }> = {
  'cluster, round-robin': {},
  'cluster, one socket': { env: { NODE_CLUSTER_SCHED_POLICY: 'none' } },
  SO_REUSEPORT: { flags: ['--import', preload] },
}

/** Compares what a new connection costs, how evenly workers are busy, and whether their exchange loses requests. */
export async function sharing(bench: Bench): Promise<Found> {
  const database = await bench.database()
  const servers: { way: string; server: Started }[] = []
  for (const [way, options] of Object.entries(ways))
    servers.push({ way, server: await bench.serve(database, { args: ['--workers', '2'], ...options }) })
  const kept = await measureInTurns(
    servers.map(({ way, server }) => itemOf(way, server, true)),
    bench,
  )
  const fresh = await measureInTurns(
    servers.map(({ way, server }) => itemOf(way, server, false)),
    bench,
  )
  const rows: Found['rows'] = []
  for (const [n, { way, server }] of servers.entries()) {
    const busiest = await shareOfBusiest(server, bench)
    const lost = await lostWhileExchanged(server, bench)
    const figures = [kept[n]?.server_us ?? 0, fresh[n]?.server_us ?? 0, fresh[n]?.p99_ms ?? 0].map(rounded)
    rows.push([way, ...figures, busiest, lost])
  }
  for (const { server } of servers) await server.close()
  return {
    columns: ['way', 'kept µs', 'new µs', 'new p99 ms', 'of the busier worker', 'lost while exchanged'],
    rows,
    how: `GET /health from ${connections} clients with two workers: microseconds of the processor of all processes of the server on connections that are kept, and with a connection for each request; the share of the busier worker when ${connections} connections are made once and kept, in the worst of five times; requests on new connections that failed while SIGHUP exchanged both workers, three times, of all.`,
  }
}

function itemOf(name: string, server: Started, keepAlive: boolean): Item {
  const { ask } = benchClient(server.port, connections, { keepAlive })
  return { name, run: () => ask('GET', '/health'), used: server.used }
}

const workersOf = (server: Started): number[] => treeOf(server.pid).filter((pid) => pid !== server.pid)

async function shareOfBusiest(server: Started, bench: Bench): Promise<string> {
  let worst = 0
  for (let tries = 0; tries < 5; tries++) {
    const { ask, close } = benchClient(server.port, connections)
    const workers = workersOf(server)
    const before = workers.map(processorTime)
    await runFor({ name: '', run: () => ask('GET', '/health'), used: server.used }, 500 * Math.min(1, bench.seconds))
    const spent = workers.map((pid, n) => processorTime(pid) - (before[n] ?? 0))
    close()
    worst = Math.max(worst, Math.max(...spent) / spent.reduce((sum, one) => sum + one, 0))
  }
  return `${Math.round(worst * 100)} %`
}

/** Asks until nobody of before is left, and a while longer. */
async function lostWhileExchanged(server: Started, bench: Bench): Promise<string> {
  const { ask } = benchClient(server.port, connections, { keepAlive: false })
  let lost = 0
  let asked = 0
  const item = { name: '', run: () => ask('GET', '/health').catch(() => lost++), used: server.used }
  for (let round = 0; round < Math.min(3, bench.rounds); round++) {
    const before = workersOf(server)
    const deadline = performance.now() + 30_000
    process.kill(server.pid, 'SIGHUP')
    while (workersOf(server).some((pid) => before.includes(pid)) && performance.now() < deadline)
      asked += (await runFor(item, 200)).length
    asked += (await runFor(item, 500 * Math.min(1, bench.seconds))).length
  }
  return `${lost} of ${asked.toLocaleString('en')}`
}
