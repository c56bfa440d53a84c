// What npm run bench starts more servers for than a short test may: each part runs.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tiny = ['--sources', '--seconds', '0.2', '--rounds', '1', '--requests', '50', '--users', '300']

/** Parts, and rows that they find. */
const parts: Record<string, RegExp[]> = {
  'cold-start': [/^\| `serve` +\|/m, /^\| `dev`, the first time +\|/m],
  requests: [/^\| sign-up +\|/m, /^\| GET \/user while 12 sign in +\|/m],
  ratios: [/^\| bare node:http, user +\|/m, /^\| GET \/health +\|.* bare node:http, health \|$/m],
  memory: [/^\| `serve` +\|/m, /^\| `serve --workers 2` +\|/m],
  workers: [/^\| GET \/user, one process +\|/m, /^\| refresh, two workers +\|/m],
  sharing: [/^\| cluster, round-robin .* 0 of [\d,]+ +\|$/m, /^\| SO_REUSEPORT +\|/m],
  million: [/^\| sign-in +\|/m, /^\| by a beginning +\|/m],
}

for (const [part, rows] of Object.entries(parts))
  test(`${part} is measured`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['bench/run.ts', part, ...tiny], { cwd: root })
    for (const row of rows) assert.match(stdout, row)
  })

test('another server is measured beside ours by its command', async () => {
  const command = `${process.execPath} src/cli/main.ts serve`
  const args = ['bench/run.ts', 'against', '--against', command, ...tiny]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  for (const what of ['GET /health', 'GET /user', 'list of 50', 'refresh', 'password'])
    for (const owner of ['Postern', 'the other'])
      assert.match(stdout, new RegExp(`^\\| ${what}, ${owner} +\\| +[1-9]`, 'm'))
})
