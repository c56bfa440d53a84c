// npm run bench -- ratios [ROUNDS]: processor time of server and database for a request, in multiples of a bound measured beside it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, cpus } from 'node:os'
import { hash, verify } from '@node-rs/bcrypt'
import { type Ask, benchClient } from './support/bench-client.ts'
import { type BenchServer, startBenchServer } from './support/bench-server.ts'
import { processorTime } from './support/processor-time.ts'

const connections = 16
const rounds = Number(process.argv[3] ?? 5)
const slice_ms = 600
/** Requests after which V8 has compiled what they run, or as long as one is willing to wait. */
const warm = { requests: 6000, most_ms: 8000 }
const password = 'correct horse battery staple'

/** What one request costs, in microseconds. */
interface Cost {
  server: number
  database: number
}

interface Item {
  name: string
  run(client: number, turn: number): Promise<unknown>
  used(): Cost
  at_once?: number
}

/** A cost beside its bound: no more of it than `most` times the other. */
const bounds: { of: string; to: string; most: number }[] = [
  { of: 'GET /health', to: 'bare node:http, health', most: 2 },
  { of: 'GET /user', to: 'bare node:http, health', most: 8 },
  { of: 'list of 50', to: 'GET /user', most: 3 },
  { of: 'refresh', to: 'GET /user', most: 3 },
  { of: 'password', to: 'bare bcrypt', most: 1 / 0.95 },
  { of: 'sign-up', to: 'bare bcrypt', most: 1 / 0.95 },
]

/** The cost of one request by so many clients at once, over a while. */
async function costOf({ run, used, at_once = connections }: Item, for_ms: number): Promise<Cost> {
  const before = used()
  const end = performance.now() + for_ms
  let count = 0
  await Promise.all(
    Array.from({ length: at_once }, async (_, client) => {
      for (let turn = 0; performance.now() < end; turn++, count++) await run(client, turn)
    }),
  )
  const after = used()
  return { server: (after.server - before.server) / count, database: (after.database - before.database) / count }
}

async function warmUp(item: Item): Promise<void> {
  let left = warm.requests
  const end = performance.now() + warm.most_ms
  const turns = async (client: number) => {
    for (let turn = 0; left-- > 0 && performance.now() < end; turn++) await item.run(client, turn)
  }
  await Promise.all(Array.from({ length: item.at_once ?? connections }, (_, client) => turns(client)))
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const sum = ({ server, database }: Cost): number => server + database

/** The bound of node:http itself, in a process of its own. */
async function startBare(answers: string[]) {
  const child = fork(new URL('./support/bare-server.ts', import.meta.url), answers)
  const [port] = await once(child, 'message')
  const { ask, close } = benchClient(Number(port), connections)
  const item = (name: string, path: string): Item => ({
    name,
    run: () => ask('GET', path),
    used: () => ({ server: processorTime(child.pid ?? 0), database: 0 }),
  })
  return {
    items: [item('bare node:http, health', '/0'), item('bare node:http, user', '/1')],
    async close() {
      close()
      child.kill()
      await once(child, 'exit')
    },
  }
}

const bareBcrypt = async (): Promise<Item> => {
  const stored = await hash(password, { cost: 10 })
  return {
    name: 'bare bcrypt',
    run: () => verify(password, stored),
    used: () => ({ server: processorTime(process.pid), database: 0 }),
    at_once: availableParallelism(),
  }
}

interface Person {
  access_token: string
  refresh_token: string
}

async function itemsOf(server: BenchServer, ask: Ask): Promise<Item[]> {
  const people: Person[] = []
  for (let n = 0; n < 60; n++) {
    const headers = { 'x-rate-key': `person ${n}` }
    const body = { email: `person${n}@example.com`, password, data: { name: `Person ${n}` } }
    people.push((await ask('POST', '/signup', { body, headers })) as unknown as Person)
  }
  const { signAtOnce } = await import('../src/crypto/jwt.ts')
  const { loadKeys } = await import('../src/crypto/keys.ts')
  const ring = loadKeys({ secret: server.secret, key_id: '', keys_json: '', valid_methods: [] })
  const admin = signAtOnce({ role: 'service_role', exp: Math.floor(Date.now() / 1000) + 3600 }, ring.signing)
  const person = (client: number): Person => people[client] ?? { access_token: '', refresh_token: '' }
  let key = 0
  let next = 0
  const fresh = () => ({ 'x-rate-key': String(key++) })
  const runs: [name: string, run: Item['run']][] = [
    ['GET /health', () => ask('GET', '/health')],
    ['GET /user', (client) => ask('GET', '/user', { token: person(client).access_token })],
    ['list of 50', () => ask('GET', '/admin/users', { token: admin })],
    [
      'refresh',
      async (client) => {
        const { refresh_token } = person(client)
        const path = '/token?grant_type=refresh_token'
        const answer = await ask('POST', path, { body: { refresh_token }, headers: fresh() })
        people[client] = answer as unknown as Person
      },
    ],
    [
      'password',
      (client, turn) => {
        const body = { email: `person${16 + ((client + turn) % 40)}@example.com`, password }
        return ask('POST', '/token?grant_type=password', { body, headers: fresh() })
      },
    ],
    [
      'sign-up',
      () => ask('POST', '/signup', { body: { email: `new${next++}@example.com`, password }, headers: fresh() }),
    ],
  ]
  return runs.map(([name, run]) => ({ name, run, used: server.used }))
}

const server = await startBenchServer()
const { ask, close } = benchClient(server.port, connections)
try {
  const people = await itemsOf(server, ask)
  const token = Object(await ask('POST', '/signup', { body: { email: 'one@example.com', password } })).access_token
  const answers = [await ask('GET', '/health'), await ask('GET', '/user', { token })]
  const bare = await startBare(answers.map((answer) => JSON.stringify(answer)))
  const items = [...bare.items, ...people, await bareBcrypt()]
  const costs = new Map<string, Cost[]>(items.map(({ name }) => [name, []]))
  for (const item of items) await warmUp(item)
  // In turns, so that what else the machine does meets all alike.
  for (let round = 0; round < rounds; round++)
    for (const item of items) costs.get(item.name)?.push(await costOf(item, slice_ms))
  await bare.close()
  console.log(`${cpus()[0]?.model ?? 'processor'}, ${availableParallelism()} cores, Node ${process.version}`)
  console.log(`${connections} connections, medians of ${rounds} rounds in turns; microseconds of the processor`)
  console.log(`${'what'.padEnd(26)}${'server'.padStart(9)}${'database'.padStart(10)}${'ratio'.padStart(8)}  bound`)
  for (const [name, found] of costs) {
    const bound = bounds.find(({ of }) => of === name)
    const beside = costs.get(bound?.to ?? '') ?? []
    const ratio = median(found.map((cost, round) => sum(cost) / sum(beside[round] ?? cost)))
    const told = bound
      ? `${ratio.toFixed(2).padStart(8)}  ${ratio <= bound.most ? '≤' : 'over'} ${bound.most.toFixed(2)} × ${bound.to}`
      : ''
    const columns = [median(found.map((cost) => cost.server)), median(found.map((cost) => cost.database))]
    console.log(`${name.padEnd(26)}${columns.map((us, n) => us.toFixed(0).padStart(9 + n)).join('')}${told}`)
  }
  console.log(`resident: ${server.memory().toFixed(0)} MB`)
} finally {
  close()
  await server.close()
}
