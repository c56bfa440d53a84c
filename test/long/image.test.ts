// Each step of the Dockerfile, run outside of a container: the folder that comes of it serves, read-only and without a database of its own.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '../support/database.ts'
import { until } from '../support/process.ts'
import { jwtSecret } from '../support/server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const steps = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => line.split(' '))

test('the image is built, starts as its entry point says, and its health check passes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-image-'))
  const [built, image] = [join(folder, 'build'), join(folder, 'image')]
  let stage = ''
  const env: Record<string, string> = {}
  try {
    for (const [word = '', ...rest] of steps) {
      if (word === 'FROM') stage = rest.includes('build') ? built : image
      if (word === 'FROM') mkdirSync(stage, { recursive: true })
      if (word === 'ENV') for (const pair of rest) Object.assign(env, Object.fromEntries([pair.split('=')]))
      if (word === 'COPY') {
        const from = rest[0] === '--from=build' ? built : root
        const paths = rest.filter((one) => !one.startsWith('--'))
        const target = paths.at(-1) ?? ''
        for (const path of paths.slice(0, -1)) {
          const source = join(from, path.replace(/^\/app\//, ''))
          const place =
            target.endsWith('/') && paths.length > 2
              ? join(stage, target, path)
              : join(stage, target.endsWith('/') ? path : target)
          mkdirSync(dirname(place), { recursive: true })
          cpSync(source, place, { recursive: true, verbatimSymlinks: true })
        }
      }
      if (word === 'RUN') execFileSync('sh', ['-c', rest.join(' ')], { cwd: stage, stdio: 'pipe' })
    }
    const database = await testDatabase()
    const entry = JSON.parse(
      steps
        .find(([word]) => word === 'ENTRYPOINT')
        ?.slice(1)
        .join(' ') ?? '[]',
    ) as string[]
    const health =
      steps
        .find(([word]) => word === 'HEALTHCHECK')
        ?.join(' ')
        .replace(/^.* CMD /, '') ?? '[]'
    const server = spawn(process.execPath, [...entry.slice(1), 'serve'], {
      cwd: image,
      env: {
        ...env,
        PATH: process.env.PATH,
        DATABASE_URL: database.url,
        API_EXTERNAL_URL: 'http://auth.example.test',
        GOTRUE_SITE_URL: 'http://site.example',
        GOTRUE_JWT_SECRET: jwtSecret,
        GOTRUE_API_PORT: '0',
      },
    })
    let output = ''
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
    try {
      const port = await until('the server listens', () => {
        assert.equal(server.exitCode, null, output)
        return /"port":(\d+),"msg":"postern is listening"/.exec(output)?.[1]
      })
      const [, ...args] = JSON.parse(health) as string[]
      execFileSync(process.execPath, args, { env: { ...env, GOTRUE_API_PORT: port } })
      assert.throws(() =>
        execFileSync(process.execPath, args, { env: { ...env, GOTRUE_API_PORT: '1' }, stdio: 'pipe' }),
      )
    } finally {
      server.kill('SIGTERM')
      await until('the server ends', () => server.exitCode !== null)
      await database.drop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
