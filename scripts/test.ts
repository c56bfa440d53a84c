// npm test: types, lint, every test and the recorded behaviour, on one throw-away PostgreSQL; --long runs the long ones.
import { spawn } from 'node:child_process'
import { glob, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startTestServer } from '../test/support/embedded-server.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values: option } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    help: { type: 'boolean', default: false },
  },
})
if (option.help) {
  console.log(
    'npm test [-- --only TEXT]   files whose path contains TEXT, without the other phases; --only may be repeated\nnpm run test:long           what takes long: many rows, many rounds',
  )
  process.exit(0)
}

interface Outcome {
  ok: boolean
  passed: number
  failed: number
}

const env: NodeJS.ProcessEnv = {
  ...process.env,
  UV_THREADPOOL_SIZE: String(availableParallelism() + 4),
  // Hundreds of processes read the same files: their types are taken out, and they are compiled, once.
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
  // For one file; the slowest takes a tenth of it.
  POSTERN_TEST_LIMIT_MIN: option.long ? '60' : '10',
}

/** Runs a command, shows its output, and counts by the last figures it prints. */
async function run(name: string, command: string, args: string[], figures: RegExp[] = []): Promise<Outcome> {
  const started = performance.now()
  console.log(`\n── ${name}`)
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    process.stdout.write(chunk)
    output = (output + chunk).slice(-20_000)
  })
  // The figures come last, and may be read after the end of the process itself.
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)))
  const count = (pattern: RegExp | undefined) =>
    pattern ? Number([...output.matchAll(new RegExp(pattern, 'gm'))].at(-1)?.[1] ?? 0) : Number(code === 0)
  const outcome = {
    ok: code === 0,
    passed: count(figures[0]),
    failed: figures[1] ? count(figures[1]) : Number(code !== 0),
  }
  console.log(`── ${name}: ${outcome.ok ? 'fine' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return outcome
}

async function binary(name: string, command = name): Promise<string> {
  const manifest = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'))
  const bin = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[command]
  return join(dirname(join(root, 'node_modules', name, 'package.json')), bin)
}

async function testFiles(): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob('test/**/*.test.ts', { cwd: root })) {
    const isLong = file.startsWith('test/long/')
    if (isLong === option.long && (!option.only || option.only.some((text) => file.includes(text)))) files.push(file)
  }
  // The runner would take an empty list for all there are.
  if (files.length === 0) {
    console.error(`no test file${option.long ? ' in test/long' : ''} has ${option.only?.join(' or ')} in its path`)
    process.exit(2)
  }
  return files.sort()
}

const node = process.execPath
const files = await testFiles()
const outcomes: Outcome[] = []
if (!option.long && !option.only) {
  for (const project of ['tsconfig.json', 'tsconfig.build.json'])
    outcomes.push(
      await run(`types of ${project}`, node, [await binary('typescript', 'tsc'), '--noEmit', '-p', project]),
    )
  outcomes.push(await run('lint and format', node, [await binary('@biomejs/biome', 'biome'), 'check', '.']))
}
const server = await startTestServer()
env.POSTERN_TEST_PG = server.admin_url
try {
  const flags = [
    '--import',
    './test/support/no-network.ts',
    '--import',
    './test/support/time-limit.ts',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${option.long ? 1 : 2}`,
  ]
  outcomes.push(await run('tests', node, [...flags, ...files], [/^ℹ pass (\d+)/, /^ℹ fail (\d+)/]))
  if (!option.long && !option.only)
    outcomes.push(
      await run(
        'conformance',
        node,
        ['test/conformance/run.ts'],
        [/^(\d+) passed, \d+ failed/, /^\d+ passed, (\d+) failed/],
      ),
    )
} finally {
  await server.stop()
}
const sum = (name: 'passed' | 'failed') => outcomes.reduce((total, outcome) => total + outcome[name], 0)
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = outcomes.every((outcome) => outcome.ok) ? 0 : 1
