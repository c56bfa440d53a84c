// npm run conformance: replays recorded behaviour against the real server on an embedded PostgreSQL, and holds every exchange
// against the OpenAPI document.
import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { nearestName } from '../../src/config/nearest-name.ts'
import { testServerUrl } from '../support/database.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

const { values: option, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    report: { type: 'string' },
    jobs: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
})
if (option.help) {
  console.log(
    'npm run conformance [-- GROUP…] [--all] [--verbose] [--report FILE] [--jobs N]\nWithout a group those that are done run, and the others are listed.',
  )
  process.exit(0)
}

const { done, not_replayed }: { done: string[]; not_replayed: Record<string, string> } = JSON.parse(
  await readFile(`${here}groups.json`, 'utf8'),
)
const groups = (await readdir(`${here}scenarios`)).map((name) => name.replace(/\.mjs$/, '')).sort()
for (const group of [...asked, ...done]) {
  if (groups.includes(group.split('/')[0] ?? '')) continue
  const nearest = nearestName(group, groups)
  console.error(
    `there is no group ${group}${nearest ? `; did you mean ${nearest}?` : ''}\ngroups: ${groups.join(', ')}`,
  )
  process.exit(2)
}
const chosen = option.all ? groups : asked.length > 0 ? asked : done
const notYet = groups.filter((group) => !done.includes(group))
if (asked.length === 0 && !option.all && notYet.length > 0) console.log(`not done yet, not run: ${notYet.join(', ')}`)

const server_url = await testServerUrl()
// The embedded server gave the role a password of its own; the runner signs in with the recorded one.
const admin = postgres(server_url, { max: 1 })
await admin.unsafe("alter role supabase_auth_admin with login noinherit createrole password 'root'")
await admin.end()
const pg = server_url.replace(/\/[^/]*$/, '')
const only = (await Promise.all(chosen.map(scenariosOf))).flat().join(',')
for (const [id, reason] of Object.entries(not_replayed))
  if (chosen.includes(id.split('/')[0] ?? '')) console.log(`left out: ${id}: ${reason}`)
const args = [
  ...['--import', `${here}check-exchanges.ts`],
  `${here}run.mjs`,
  ...[
    '--server',
    `env NODE_COMPILE_CACHE='${root}node_modules/.cache/compile' ${process.execPath} src/cli/main.ts serve`,
  ],
  ...['--cwd', root, '--pg', pg],
  ...['--differences', `${here}differences.json`, '--only', only, '--jobs', option.jobs],
  ...(option.verbose ? ['--verbose'] : []),
  ...(option.report ? ['--report', option.report] : []),
]
const runner = spawn(process.execPath, args, { stdio: 'inherit', cwd: root })
process.exitCode = await new Promise<number>((resolve) => runner.once('exit', (code) => resolve(code ?? 1)))

/** What the runner takes for a group: the group, or its scenarios one by one where a rule leaves one without an end. */
async function scenariosOf(group: string): Promise<string[]> {
  if (group.includes('/')) return [group]
  if (!Object.keys(not_replayed).some((id) => id.startsWith(`${group}/`))) return [`${group}/`]
  const recorded = Object.keys(JSON.parse(await readFile(`${here}golden/${group}.json`, 'utf8')))
  return recorded.map((name) => `${group}/${name}`).filter((id) => !(id in not_replayed))
}
