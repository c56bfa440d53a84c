// Certificates of the system's store are trusted: hooks, providers, mail and the database of a company's own authority.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { requireProgram } from '../support/debian.ts'
import { type ServerProcess, startServe } from '../support/process.ts'
import { jwtSecret } from '../support/server.ts'

const missing = requireProgram('openssl')
const skip = { skip: missing ?? false }
let folder: string
let hook: Server
let database: TestDatabase
let calls = 0

before(async () => {
  if (missing !== null) return
  folder = await mkdtemp(join(tmpdir(), 'postern-authority-'))
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=An authority', '-days', '2')
  run('req', ...key, '-keyout', 'own.key', '-out', 'own.csr', '-subj', '/CN=localhost')
  execFileSync('sh', ['-c', 'printf "subjectAltName=DNS:localhost" > own.ext'], { cwd: folder })
  run(
    ...['x509', '-req', '-in', 'own.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    '-out',
    'own.pem',
    '-days',
    '2',
    '-extfile',
    'own.ext',
  )
  const file = (name: string) => readFileSync(join(folder, name))
  hook = createServer({ key: file('own.key'), cert: file('own.pem') }, async (request, response) => {
    for await (const _ of request);
    calls++
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  database = await testDatabase()
})
after(async () => {
  if (missing !== null) return
  hook.closeAllConnections()
  hook.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

async function signUp(email: string, more: Record<string, string>): Promise<number> {
  const server: ServerProcess = await startServe({
    DATABASE_URL: database.url,
    API_EXTERNAL_URL: 'http://auth.example.test',
    GOTRUE_SITE_URL: 'http://site.example',
    GOTRUE_JWT_SECRET: jwtSecret,
    GOTRUE_MAILER_AUTOCONFIRM: 'true',
    GOTRUE_HOOK_BEFORE_USER_CREATED_ENABLED: 'true',
    GOTRUE_HOOK_BEFORE_USER_CREATED_URI: `https://localhost:${Object(hook.address()).port}/`,
    GOTRUE_HOOK_BEFORE_USER_CREATED_SECRETS: `v1,whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    ...more,
  })
  try {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ email, password: 'correct horse battery staple' })
    return (await fetch(`${server.url}/signup`, { method: 'POST', headers, body })).status
  } finally {
    await server.stop()
  }
}

test(
  'a hook whose certificate is of an authority of the system’s store is called, one of a stranger is not',
  skip,
  async () => {
    assert.equal(await signUp('trusted@example.com', { SSL_CERT_FILE: join(folder, 'ca.pem') }), 200)
    assert.equal(calls, 1)
    assert.notEqual(await signUp('strange@example.com', {}), 200)
    assert.equal(calls, 1)
  },
)
