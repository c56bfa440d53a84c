// npm run bench runs at all, with tiny amounts: what it measures says nothing here.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { markdownTable } from '../../bench/support/found.ts'
import { picture } from '../../bench/support/picture.ts'
import { readResults, withTables } from '../../bench/support/write-docs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tiny = ['--sources', '--seconds', '0.1', '--rounds', '1', '--requests', '20', '--users', '60']

async function bench(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/run.ts', ...args], { cwd: root })
  return stdout
}

/** Rows of the first table, by the name in their first cell. */
function rowsOf(output: string): Record<string, string[]> {
  const lines = output.split('\n').filter((line) => line.startsWith('| '))
  const rows = lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return Object.fromEntries(rows.map(([name = '', ...cells]) => [name, cells]))
}

test('help names every question; an unknown one is refused with it', async () => {
  const help = await bench('--help')
  for (const question of ['requests', 'ratios', 'cold-start', 'memory', 'mixed', 'million', 'workers', 'sharing'])
    assert.match(help, new RegExp(`^  ${question} `, 'm'))
  await assert.rejects(bench('guesses'), (error: { code: number; stderr: string }) => {
    assert.equal(error.code, 2)
    assert.match(error.stderr, /npm run bench -- QUESTION/)
    return true
  })
})

test('a mixture of requests is answered without a failure', async () => {
  const rows = rowsOf(await bench('mixed', ...tiny))
  assert.deepEqual(Object.keys(rows), ['GET /user', 'refresh', 'list', 'sign-out', 'sign-up', 'sign-in'])
  for (const [what, cells] of Object.entries(rows)) assert.equal(cells.at(-1), '0', what)
  assert.ok(Number(rows['GET /user']?.[0]) > 0)
})

test('the tables and the picture of the documentation show what is kept', async () => {
  const kept = await readResults()
  const page = await readFile(new URL('../../docs/performance.md', import.meta.url), 'utf8')
  assert.equal(withTables(page, kept), page)
  for (const found of Object.values(kept)) assert.ok(page.includes(markdownTable(found)))
  const image = await readFile(new URL('../../docs/pictures/performance.svg', import.meta.url), 'utf8')
  assert.equal(picture(kept), image)
})
