// npm run bench -- QUESTION…: answers questions by measuring.
import { parseArgs } from 'node:util'
import { against } from './against.ts'
import { betterAuth } from './better-auth.ts'
import { coldStart } from './cold-start.ts'
import { memory } from './memory.ts'
import { million } from './million.ts'
import { mixed } from './mixed.ts'
import { ratios } from './ratios.ts'
import { requests } from './requests.ts'
import { sharing } from './sharing.ts'
import { type Amounts, type Bench, withBench } from './support/bench.ts'
import { type Found, markdownTable } from './support/found.ts'
import { renderDocs, writeDocs } from './support/write-docs.ts'
import { workers } from './workers.ts'

/** Questions whose answers are tables of docs/performance.md. */
const tables: Record<string, { about: string; measure: (bench: Bench) => Promise<Found> }> = {
  requests: { about: 'requests a second and latency of the main requests', measure: requests },
  ratios: { about: 'processor time of requests beside what bounds them', measure: ratios },
  'cold-start': { about: 'from the start to the first healthy answer', measure: coldStart },
  memory: { about: 'resident memory at rest and after many requests', measure: memory },
  mixed: { about: 'sign-ups, sign-ins, reads, refreshes, lists and sign-outs at once', measure: mixed },
  workers: { about: 'two workers beside one process', measure: workers },
  million: { about: 'sign-in, lists and searches of a million accounts beside a thousand', measure: million },
  'better-auth': {
    about: 'sign-in and reading a session, beside better-auth (installed by npm for it)',
    measure: betterAuth,
  },
  against: { about: 'the main requests beside the server of --against', measure: against },
  sharing: { about: 'the ways in which workers can share a port', measure: sharing },
}

/** Questions that print what they find by themselves. */
const others: Record<string, { about: string; ask: () => Promise<unknown> }> = {
  docs: { about: 'nothing: writes docs/performance.md and its picture anew from bench/results.json', ask: renderDocs },
  crypto: { about: 'what a token costs to sign and to check', ask: () => import('./crypto.ts') },
}

const asked = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '20000' },
    users: { type: 'string', default: '1000000' },
    against: { type: 'string' },
    health: { type: 'string', default: '/health' },
    offline: { type: 'boolean', default: false },
    sources: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const { values: option, positionals } = asked
const questions = positionals.length > 0 ? positionals : ['requests']
const [name = ''] = questions
const isTable = (question: string): boolean => question === 'all' || tables[question] !== undefined

if (option.help) {
  help(console.log)
} else if (others[name]) await others[name].ask()
else if (questions.every(isTable)) {
  await compile()
  await measure(questions.includes('all') ? askedByAll() : questions)
} else {
  help(console.error)
  process.exitCode = 2
}

/** What needs neither another server nor, in tests, the network. */
function askedByAll(): string[] {
  const without = [...(option.against === undefined ? ['against'] : []), ...(option.offline ? ['better-auth'] : [])]
  return Object.keys(tables).filter((question) => !without.includes(question))
}

/** Makes what the package holds. */
async function compile(): Promise<void> {
  if (!option.sources) await import('../scripts/build.ts')
}

async function measure(names: string[]): Promise<void> {
  await withBench(amounts(), console.error, async (bench) => {
    for (const question of names) {
      const table = tables[question]
      if (!table) continue
      console.error(`${question}: ${table.about}`)
      const found = await table.measure(bench)
      console.log(`\n${markdownTable(found)}\n\n${found.how}\n`)
      if (option['write-docs']) await writeDocs(question, found)
    }
  })
}

function amounts(): Amounts {
  const number = (key: 'seconds' | 'rounds' | 'requests' | 'users'): number => {
    const value = Number(option[key])
    if (!(value > 0)) throw new Error(`--${key} must be a number over 0`)
    return value
  }
  const [seconds, rounds, requests, users] = [number('seconds'), number('rounds'), number('requests'), number('users')]
  return { seconds, rounds, requests, users, against: option.against ?? null, health: option.health }
}

function help(print: (line: string) => void): void {
  print('npm run bench -- QUESTION… [options]\n')
  for (const [known, { about }] of Object.entries({ ...tables, ...others })) print(`  ${known.padEnd(12)} ${about}`)
  print(`  ${'all'.padEnd(12)} every table of docs/performance.md, one after another

  --seconds N     of load for mixed; no slice of the others is longer (15)
  --rounds N      turns of what is compared (7)
  --requests N    GET /user before memory is looked at again (20000)
  --users N       accounts of the large database (1000000)
  --against CMD   another server that speaks the same API: a command for a shell, which gets DATABASE_URL, PORT and the
                  GOTRUE_ variables of ours; for against, cold-start and memory
  --health PATH   its path that says 200 once it is healthy (/health)
  --offline       leaves out what has to be installed
  --sources       measures the sources as a checkout runs them, not what is compiled for the package
  --write-docs    keeps what was found in bench/results.json, and writes it into docs/performance.md and its picture`)
}
