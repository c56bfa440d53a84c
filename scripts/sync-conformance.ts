// Copies the conformance suite from ../shared, puts postgres.js in place of psql, and writes the checksums.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'test/conformance')
const source = join(root, '../shared/conformance')

/** What differs from the original: line by line, in `lib/world.mjs` alone. */
const replacements: [string, string][] = [
  ["import { execFile, spawn } from 'node:child_process'", "import { spawn } from 'node:child_process'"],
  ["import { promisify } from 'node:util'", "import postgres from 'postgres'"],
  ['const run = promisify(execFile)\n', ''],
  [
    "  const psql = (url, sql) => run('psql', [url, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql], { maxBuffer: 64 << 20 }).then((r) => r.stdout.trim())",
    '  const psql = async (url, text) => {\n' +
      '    const client = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })\n' +
      "    try { return Object.values((await client.unsafe(text).simple()).at?.(-1) ?? {})[0] ?? '' } finally { await client.end() }\n" +
      '  }',
  ],
  ['return select ? JSON.parse(out) : []', "return select ? (typeof out === 'string' ? JSON.parse(out) : out) : []"],
]

for (const part of ['scenarios', 'golden', 'lib', 'run.mjs', 'README.md'])
  await cp(join(source, part), join(target, part), { recursive: true })
let world = await readFile(join(source, 'lib/world.mjs'), 'utf8')
for (const [before, after] of replacements) {
  if (!world.includes(before)) throw new Error(`lib/world.mjs no longer contains: ${before}`)
  world = world.replace(before, after)
}
await writeFile(join(target, 'lib/world.mjs'), world)

const checksums: Record<string, string> = {}
for (const part of ['scenarios', 'golden', 'lib'])
  for (const name of (await readdir(join(target, part))).sort()) {
    const path = `${part}/${name}`
    if (path === 'lib/world.mjs') continue
    checksums[path] = createHash('sha256')
      .update(await readFile(join(target, path)))
      .digest('hex')
  }
checksums['run.mjs'] = createHash('sha256')
  .update(await readFile(join(target, 'run.mjs')))
  .digest('hex')
await writeFile(join(target, 'checksums.json'), `${JSON.stringify(checksums, null, 2)}\n`)
console.log(`${Object.keys(checksums).length} files are in step.`)
