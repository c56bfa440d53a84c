// A client that is generated from /openapi.json of postern dev: it compiles, its types bite, and it signs in.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { generateTypes } from '../support/generate-types.ts'
import { type DevProcess, startDev } from '../support/process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** What somebody writes with the types: sign up, sign in, read the account, refresh, and be refused. */
const program = `
import createClient from 'openapi-fetch'
import type { components, paths } from './api.ts'

const [url = '', email = ''] = process.argv.slice(2)
const password = 'correct horse battery staple'
const api = createClient<paths>({ baseUrl: url })
const as = (session: components['schemas']['Session']) => ({ authorization: \`Bearer \${session.access_token}\` })
const signIn = (password: string) =>
  api.POST('/token', { params: { query: { grant_type: 'password' } }, body: { email, password } })

const signedUp = await api.POST('/signup', { body: { email, password, data: { name: 'Ada' } } })
const signedIn = await signIn(password)
if (!signedIn.data) throw new Error(JSON.stringify(signedIn.error))
const user = await api.GET('/user', { headers: as(signedIn.data) })
const refreshed = await api.POST('/token', {
  params: { query: { grant_type: 'refresh_token' } },
  body: { refresh_token: signedIn.data.refresh_token },
})
if (!refreshed.data) throw new Error(JSON.stringify(refreshed.error))
const out = await api.POST('/logout', { params: { query: { scope: 'local' } }, headers: as(refreshed.data) })
const refused = await signIn('another')

console.log(
  JSON.stringify({
    up: signedUp.data && 'user' in signedUp.data ? signedUp.data.user.email : null,
    id: signedIn.data.user.id,
    user: { id: user.data?.id, name: user.data?.user_metadata.name, provider: user.data?.identities?.[0]?.provider },
    is_fresh: refreshed.data.refresh_token !== signedIn.data.refresh_token,
    out: out.response.status,
    refused: refused.error && 'error_code' in refused.error ? refused.error.error_code : refused.error,
  }),
)
`

/** The same types, used wrongly: each line but the first three must be refused. */
const wrong = [
  "import createClient from 'openapi-fetch'",
  "import type { paths } from './api.ts'",
  'const api = createClient<paths>()',
  "void api.GET('/users')",
  "void api.POST('/token', { params: { query: { grant_type: 'magic' } }, body: {} })",
  "void api.POST('/recover', { body: {} })",
  "void api.POST('/signup', { body: { email: 1 } })",
  "export const id: number | undefined = (await api.GET('/user')).data?.id",
]

describe('a generated client', () => {
  // Beside node_modules, so that what it imports is found; away from sources, so that nothing else compiles it.
  const cache = join(root, 'node_modules/.cache')
  let folder = ''
  let state_dir = ''
  let database: TestDatabase
  let dev: DevProcess
  let said: string[] = []
  before(async () => {
    mkdirSync(cache, { recursive: true })
    folder = mkdtempSync(join(cache, 'generated-client-'))
    state_dir = mkdtempSync(join(tmpdir(), 'postern-dev-'))
    database = await testDatabase({ migrated: false })
    dev = await startDev({
      state_dir,
      args: ['--database-url', database.url],
      env: { GOTRUE_MAILER_AUTOCONFIRM: 'true' },
    })
    const document = await fetch(`${dev.url}/openapi.json`)
    assert.equal(document.headers.get('content-type'), 'application/json')
    const text = await document.text()
    assert.equal(await (await fetch(`${dev.url}/auth/v1/openapi.json`)).text(), text)
    assert.deepEqual(JSON.parse(text).servers, [{ url: `${dev.url}/auth/v1` }])
    writeFileSync(join(folder, 'api.ts'), await generateTypes(text))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    said = await compile({ 'program.ts': program, 'wrong.ts': wrong.join('\n') })
  })
  after(async () => {
    await dev?.stop()
    await database?.drop()
    rmSync(folder, { recursive: true, force: true })
    rmSync(state_dir, { recursive: true, force: true })
  })

  /** What the compiler says of programs; it writes JavaScript beside them. */
  async function compile(programs: Record<string, string>): Promise<string[]> {
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text)
    const options = ['--strict', '--noUncheckedIndexedAccess', '--skipLibCheck', '--ignoreConfig']
    const forms = ['--module', 'nodenext', '--target', 'es2024', '--types', 'node', '--outDir', 'out']
    const args = [join(root, 'node_modules/typescript/bin/tsc'), ...options, ...forms]
    const files = ['--rewriteRelativeImportExtensions', ...Object.keys(programs)]
    const { stdout } = await run(process.execPath, [...args, ...files], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    )
    return stdout.split('\n').filter((line) => /^\S/.test(line))
  }

  test('it compiles, signs up, signs in, reads the account, refreshes, signs out, and is told why it is refused', async () => {
    assert.deepEqual(
      said.filter((line) => !line.startsWith('wrong.ts')),
      [],
    )
    const { stdout } = await run(process.execPath, [
      join(folder, 'out/program.js'),
      `${dev.url}/auth/v1`,
      'ada@example.com',
    ])
    const { id, ...told } = JSON.parse(stdout)
    assert.deepEqual(told, {
      up: 'ada@example.com',
      user: { id, name: 'Ada', provider: 'email' },
      is_fresh: true,
      out: 204,
      refused: 'invalid_credentials',
    })
    const rows = await database.db.query(
      `select u.email, (select count(*)::int from auth.sessions s where s.user_id = u.id) as sessions from auth.users u`,
    )
    assert.deepEqual(rows, [{ email: 'ada@example.com', sessions: 1 }])
  })

  test('its types refuse paths, parameters, fields and answers that are not there', async () => {
    const lines = said.map((line) => Number(/^wrong\.ts\((\d+),/.exec(line)?.[1]))
    assert.deepEqual([...new Set(lines)], [4, 5, 6, 7, 8], said.join('\n'))
  })
})
