// postern keys with care: no form of file is lost, no set is replaced unasked, no step comes too early, and there is a way back.
import assert from 'node:assert/strict'
import { link, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readEnvFile } from '../../src/config/env-file.ts'
import { signAtOnce, verifyJwt } from '../../src/crypto/jwt.ts'
import { loadKeys } from '../../src/crypto/keys.ts'
import { runShell } from '../support/shell.ts'

const secret = 'test-secret-with-at-least-32-characters'
let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-keys-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const keys = (line: string, env: Record<string, string> = {}) => runShell(`keys ${line}`, env)
const set = async (line: string, env: Record<string, string> = {}) => {
  const { stdout, code } = await keys(`${line} --json`, env)
  assert.equal(code, 0, line)
  return stdout.trim()
}
const aged = (keys_json: string, by_s: number) =>
  JSON.stringify(JSON.parse(keys_json).map((jwk: { since?: number }) => ({ ...jwk, since: (jwk.since ?? 0) - by_s })))
const backups = async (name: string) => (await readdir(folder)).filter((entry) => entry.startsWith(`${name}.`))

/** Forms that the reader takes, with what must still stand around the value. */
const forms: [string, string, (value: string) => string][] = [
  ['one line in quotes', `A=1\nGOTRUE_JWT_KEYS='[]'\nB=2\n`, (value) => `A=1\nGOTRUE_JWT_KEYS=${value}\nB=2\n`],
  ['several lines', `A=1\nGOTRUE_JWT_KEYS='[\n\n]'\nB=2\n`, (value) => `A=1\nGOTRUE_JWT_KEYS=${value}\nB=2\n`],
  ['double quotes over lines', `GOTRUE_JWT_KEYS="[\n]" # keys\nB=2`, (value) => `GOTRUE_JWT_KEYS=${value} # keys\nB=2`],
  ['export and spaces', `export GOTRUE_JWT_KEYS = []\n`, (value) => `export GOTRUE_JWT_KEYS = ${value}\n`],
  ['a colon and a comment', `GOTRUE_JWT_KEYS: [] # none yet\n`, (value) => `GOTRUE_JWT_KEYS: ${value} # none yet\n`],
  [
    'lines of Windows',
    `A=1\r\nC=3\r\nD=4\r\nE=5\r\nGOTRUE_JWT_KEYS='[\r\n]'\r\nB=2\r\n`,
    (value) => `A=1\r\nC=3\r\nD=4\r\nE=5\r\nGOTRUE_JWT_KEYS=${value}\r\nB=2\r\n`,
  ],
  ['no value', `GOTRUE_JWT_KEYS=\nB=2\n`, (value) => `GOTRUE_JWT_KEYS=${value}\nB=2\n`],
  [
    'twice',
    `GOTRUE_JWT_KEYS=[]\nGOTRUE_JWT_KEYS='[]'\n`,
    (value) => `GOTRUE_JWT_KEYS=${value}\nGOTRUE_JWT_KEYS=${value}\n`,
  ],
  [
    'its name within a value',
    `A='\nGOTRUE_JWT_KEYS=x\n'\n`,
    (value) => `A='\nGOTRUE_JWT_KEYS=x\n'\nGOTRUE_JWT_KEYS=${value}\n`,
  ],
  ['no line end', `A=1`, (value) => `A=1\nGOTRUE_JWT_KEYS=${value}\n`],
]

for (const [name, text, expected] of forms)
  test(`--write keeps the rest of a file with ${name}, and what it was lies in a backup`, async () => {
    const file = `${name.replaceAll(' ', '-')}.env`
    await writeFile(join(folder, file), text, { mode: 0o640 })
    const { code, stderr } = await keys(`generate --write ${join(folder, file)}`)
    assert.equal(code, 0, stderr)
    const after = await readFile(join(folder, file), 'utf8')
    const value = readEnvFile(after).GOTRUE_JWT_KEYS ?? ''
    assert.equal(loadKeys({ secret: '', key_id: '', keys_json: value, valid_methods: [] }).signing.alg, 'ES256')
    assert.equal(after, expected(`'${value}'`))
    const [backup = ''] = await backups(file)
    assert.equal(await readFile(join(folder, backup), 'utf8'), text)
    for (const path of [file, backup]) assert.equal((await stat(join(folder, path))).mode & 0o777, 0o640)
    assert.ok(stderr.includes(backup))
  })

test('--write follows links, which stay links', async () => {
  const [file, soft, hard] = ['linked.env', 'soft', 'hard'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(file, 'A=1\n')
  await symlink('linked.env', soft)
  await keys(`generate --write ${soft}`)
  assert.equal(await readlink(soft), 'linked.env')
  assert.match(await readFile(file, 'utf8'), /^A=1\nGOTRUE_JWT_KEYS='/)
  await link(file, hard)
  await keys(`generate --write ${hard} --yes`)
  assert.equal(await readFile(file, 'utf8'), await readFile(hard, 'utf8'))
  assert.equal((await stat(file)).nlink, 2)
})

test('a set is replaced by the one that was made of it; by another only where somebody agrees', async () => {
  const file = join(folder, 'asked.env')
  await keys(`generate --write ${file}`)
  const before = await readFile(file, 'utf8')
  for (const line of [`generate --write ${file}`, `rotate --write ${file}`]) {
    const refused = await keys(line, { GOTRUE_JWT_SECRET: secret })
    assert.equal(refused.code, 1)
    assert.match(
      refused.stderr,
      /asked\.env has another set of keys, and tokens that they signed would be refused; --yes replaces it/,
    )
  }
  assert.equal(await readFile(file, 'utf8'), before)
  assert.equal((await keys(`rotate --config ${file} --write ${file}`)).code, 0)
  assert.equal(JSON.parse(readEnvFile(await readFile(file, 'utf8')).GOTRUE_JWT_KEYS ?? '').length, 2)
  assert.equal((await keys(`generate --write ${file} --yes`)).code, 0)
  assert.match((await keys('generate --yes')).stderr, /--yes goes with --write/)
})

test('a step that comes too early is refused with what would break, and taken later', async () => {
  const first = await set('generate')
  const added = await set('rotate', { GOTRUE_JWT_KEYS: first })
  const early = await keys('rotate', { GOTRUE_JWT_KEYS: added })
  assert.deepEqual([early.code, early.stdout], [1, ''])
  assert.match(
    early.stderr,
    /^postern: too early to use: the key \S+ was added too recently: whoever keeps the key set for 600 seconds would refuse tokens of it for another \d+ seconds; --force does it all the same\n$/,
  )
  const used = await set('rotate', { GOTRUE_JWT_KEYS: aged(added, 601) })
  const drop = await keys('rotate', { GOTRUE_JWT_KEYS: used, GOTRUE_JWT_EXP: '7200' })
  assert.match(
    drop.stderr,
    /too early to drop: the key \S+ signed until recently: its tokens are good for another 7[12]\d\d seconds/,
  )
  assert.equal(JSON.parse(await set('rotate', { GOTRUE_JWT_KEYS: aged(used, 7201), GOTRUE_JWT_EXP: '7200' })).length, 1)
  assert.equal(JSON.parse(await set('rotate --step drop --force', { GOTRUE_JWT_KEYS: used })).length, 1)
  assert.match(
    (await keys('rotate --step drop', { GOTRUE_JWT_KEYS: first })).stderr,
    /no key is retired; there is nothing to drop/,
  )
})

test('after use there is a way back: the old key signs again, and tokens of the new one stay good', async () => {
  const first = await set('generate')
  const added = await set('rotate', { GOTRUE_JWT_KEYS: first })
  const used = await set('rotate --force', { GOTRUE_JWT_KEYS: added })
  const ring = (keys_json: string) => loadKeys({ secret: '', key_id: '', keys_json, valid_methods: [] })
  const back = ring(await set('rotate --step back', { GOTRUE_JWT_KEYS: used }))
  assert.equal(back.signing.kid, JSON.parse(first)[0].kid)
  const token = signAtOnce({ sub: 'x' }, ring(used).signing)
  assert.deepEqual(verifyJwt(token, back, 0), { sub: 'x' })
  const undone = await set('rotate --step back', { GOTRUE_JWT_KEYS: added })
  assert.deepEqual(JSON.parse(undone), JSON.parse(first))
  assert.match(
    (await keys('rotate --step back', { GOTRUE_JWT_KEYS: first })).stderr,
    /there is no step to go back from/,
  )
  const blank = JSON.parse(used).map(({ d, ...jwk }: { d?: string; key_ops: string[] }) =>
    jwk.key_ops.includes('sign') ? { ...jwk, d } : jwk,
  )
  const lost = await keys('rotate --step back', { GOTRUE_JWT_KEYS: JSON.stringify(blank) })
  assert.match(lost.stderr, /has no private part left, so that it cannot sign/)
  const listed = await keys('list', { GOTRUE_JWT_KEYS: used })
  for (const { d } of JSON.parse(used)) assert.equal(listed.stdout.includes(d), false)
})

test('algorithms that clients cannot verify, and services that share the secret, are warned of', async () => {
  assert.match((await keys('generate --alg EdDSA')).stderr, /getClaims\(\) of supabase-js knows ES256 and RS256 only/)
  assert.match((await keys('generate --alg HS256')).stderr, /whoever verifies tokens needs the secret itself/)
  assert.doesNotMatch((await keys('generate')).stderr, /EdDSA|HS256|share/)
  const shared =
    /services that share GOTRUE_JWT_SECRET \(PostgREST, Realtime, .*refuse tokens of another key: give them the key set/
  const added = await keys('rotate', { GOTRUE_JWT_SECRET: secret })
  assert.match(added.stderr, shared)
  const file = join(folder, 'shared.env')
  await writeFile(file, `GOTRUE_JWT_SECRET=${secret}\n`)
  assert.match((await keys(`generate --write ${file}`)).stderr, shared)
  const turned = await set('rotate', { GOTRUE_JWT_KEYS: await set('generate') })
  assert.doesNotMatch((await keys('rotate --force', { GOTRUE_JWT_KEYS: turned })).stderr, shared)
})
