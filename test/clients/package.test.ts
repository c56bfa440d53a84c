// The published form: packed, installed in an empty folder, and used from there.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { removeState } from '../support/embedded-server.ts'
import { until } from '../support/process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-package-'))
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: root,
    maxBuffer: 16 << 20,
  })
  const report: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))
  const [entry] = Object.values(Object(report)) as { filename: string }[]
  assert.ok(entry)
  await writeFile(join(folder, 'package.json'), '{"type":"module","private":true}')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, entry.filename)], {
    cwd: folder,
  })
})
after(async () => {
  removeState(join(folder, '.postern'))
  await rm(folder, { recursive: true, force: true })
})

test('the package holds JavaScript, declarations and migrations, and no tests', async () => {
  const { stdout } = await run(
    'find',
    ['node_modules/postern', '-type', 'f', '-not', '-path', '*/node_modules/postern/node_modules/*'],
    { cwd: folder },
  )
  const files = stdout.split('\n')
  for (const file of [
    'dist/index.js',
    'dist/index.d.ts',
    'bin/postern.js',
    'dist/cli/main.js',
    'dist/storage/migrations/auth.sql',
    'README.md',
    'LICENSE',
  ])
    assert.ok(files.includes(`node_modules/postern/${file}`), file)
  assert.deepEqual(
    files.filter((file) => /\/test\/|\.test\./.test(file)),
    [],
  )
})

test('createAuth can be imported and answers a request', async () => {
  await writeFile(
    join(folder, 'use.js'),
    `import { createAuth } from 'postern'
    const auth = createAuth({ env: { DATABASE_URL: 'postgres://127.0.0.1:1/x', API_EXTERNAL_URL: 'http://a', GOTRUE_SITE_URL: 'http://b', GOTRUE_JWT_SECRET: 'x'.repeat(40), GOTRUE_LOG_LEVEL: 'error' } })
    const response = await auth.fetch(new Request('http://a/health'), { client_address: '127.0.0.1' })
    console.log(response.status, (await response.json()).name)
    await auth.close()
    process.exit(0)`,
  )
  const { stdout } = await run(process.execPath, ['use.js'], { cwd: folder })
  assert.match(stdout, /^200 GoTrue$/m)
})

test('postern dev starts from the package', async () => {
  const child = spawn(process.execPath, ['node_modules/.bin/postern', 'dev', '--port', '0'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    await until('the server says that it is ready', () => {
      assert.equal(child.exitCode, null, output)
      return output.includes('Ready after')
    })
    const health = await fetch(`${/API URL +(\S+)/.exec(output)?.[1]}/auth/v1/health`).then((response) =>
      response.json(),
    )
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    assert.deepEqual(
      [Reflect.get(Object(health), 'name'), Reflect.get(Object(health), 'version')],
      ['GoTrue', `v${version}`],
    )
  } finally {
    child.kill('SIGTERM')
    await ended
  }
})
