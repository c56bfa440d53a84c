// postern keys: sets are made and turned over while people stay signed in, as `jose` sees it through the key set.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { startCommand, startServe } from '../support/process.ts'

const secret = 'test-secret-with-at-least-32-characters'
let folder: string
let database: TestDatabase

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-keys-'))
  database = await testDatabase()
})
after(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function run(args: string[], env: Record<string, string> = {}) {
  const { child, ended } = startCommand(['keys', ...args], env)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  return { code: await ended, stdout, stderr }
}

const list = async (env: Record<string, string>) => JSON.parse((await run(['list', '--json'], env)).stdout)

for (const alg of ['ES256', 'RS256', 'EdDSA'])
  test(`${alg}: tokens are good before, during and after a rotation, and a dropped key signs nobody in`, async () => {
    let keys = (await run(['generate', '--alg', alg, '--json'])).stdout.trim()
    const email = `${alg.toLowerCase()}@example.com`
    const password = 'correct horse battery staple'
    const onServer = async <T>(work: (url: string) => Promise<T>): Promise<T> => {
      const server = await startServe({
        DATABASE_URL: database.url,
        API_EXTERNAL_URL: 'http://auth.example.test',
        GOTRUE_SITE_URL: 'http://site.example',
        GOTRUE_JWT_SECRET: secret,
        GOTRUE_JWT_KEYS: keys,
        GOTRUE_JWT_AUD: 'authenticated',
        GOTRUE_MAILER_AUTOCONFIRM: 'true',
        GOTRUE_LOG_LEVEL: 'error',
      })
      return work(server.url).finally(() => server.stop())
    }
    const post = async (url: string, path: string) => {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify({ email, password }) })
      return String(Object(await answer.json()).access_token)
    }
    const verifies = async (url: string, token: string) => {
      const set = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`))
      const byJose = await jwtVerify(token, set, { audience: 'authenticated' }).then(
        ({ protectedHeader }) => protectedHeader.alg,
        () => null,
      )
      const own = await fetch(`${url}/user`, { headers: { authorization: `Bearer ${token}` } })
      assert.equal(own.status === 200, byJose !== null)
      return byJose
    }
    const rotate = async () => {
      keys = (await run(['rotate', '--alg', alg, '--json', '--force'], { GOTRUE_JWT_KEYS: keys })).stdout.trim()
    }
    const old = await onServer(async (url) => {
      const token = await post(url, '/signup')
      assert.equal(await verifies(url, token), alg)
      return token
    })
    await rotate()
    await onServer(async (url) => {
      assert.equal(await verifies(url, old), alg)
      assert.equal(Object(await (await fetch(`${url}/.well-known/jwks.json`)).json()).keys.length, 2)
    })
    await rotate()
    const fresh = await onServer(async (url) => {
      const token = await post(url, '/token?grant_type=password')
      assert.deepEqual([await verifies(url, old), await verifies(url, token)], [alg, alg])
      return token
    })
    await rotate()
    await onServer(async (url) => {
      assert.deepEqual([await verifies(url, old), await verifies(url, fresh)], [null, alg])
    })
  })

test('a plain secret becomes a key that verifies, beside a new one that signs', async () => {
  const env = { GOTRUE_JWT_SECRET: secret, GOTRUE_JWT_KEY_ID: 'old' }
  assert.deepEqual(await list(env), [{ kid: 'old', algorithm: 'HS256', role: 'signs', published: false, since: '' }])
  const added = (await run(['rotate', '--json'], env)).stdout.trim()
  const used = (await run(['rotate', '--json', '--force'], { GOTRUE_JWT_KEYS: added })).stdout.trim()
  const roles = (await list({ GOTRUE_JWT_KEYS: used })).map(
    ({ algorithm, role }: Record<string, string>) => `${algorithm} ${role}`,
  )
  assert.deepEqual(roles, ['ES256 signs', 'HS256 retired'])
  assert.equal(JSON.parse(used)[1].k, Buffer.from(secret).toString('base64url'))
})

test('--write replaces the variable of a .env file and nothing else, for its owner alone', async () => {
  const file = join(folder, 'postern.env')
  await writeFile(
    file,
    `GOTRUE_JWT_SECRET=${secret}\n# a comment\nGOTRUE_JWT_KEYS='[]'\nGOTRUE_SITE_URL=http://site.example\n`,
  )
  const made = await run(['generate', '--write', file])
  assert.deepEqual([made.code, made.stdout], [0, ''])
  const text = await readFile(file, 'utf8')
  assert.match(
    text,
    new RegExp(
      `^GOTRUE_JWT_SECRET=${secret}\n# a comment\nGOTRUE_JWT_KEYS='\\[\\{.*\\}\\]'\nGOTRUE_SITE_URL=http://site.example\n$`,
    ),
  )
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  const shown = await run(['list', '--json', '--config', file])
  assert.equal(JSON.parse(shown.stdout)[0].role, 'signs')
})

test('what is no key set, no algorithm and no command is one clear line', async () => {
  const bad = await run(['rotate'], { GOTRUE_JWT_KEYS: '[{"kty":"oct","k":"c2VjcmV0LXRoYXQtbWF5LW5vdC1iZS1zaG93bg"}]' })
  assert.equal(bad.code, 1)
  assert.equal(bad.stderr, 'postern: GOTRUE_JWT_KEYS cannot be used (no signing key detected)\n')
  for (const keys of ['', '[]'])
    assert.match((await run(['rotate'], { GOTRUE_JWT_KEYS: keys })).stderr, /begin with: postern keys generate/)
  assert.deepEqual([(await run(['generate', '--alg', 'none'])).code, (await run(['frobnicate'])).code], [2, 2])
  assert.equal((await run(['--help'])).code, 0)
})
