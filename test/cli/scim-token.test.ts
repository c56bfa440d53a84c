// postern admin scim-token: made for a company by its domain, shown once, listed, revoked; each with its trace in the audit log.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { commandEnvironment } from '../support/command.ts'
import { addDirectory, type Directory, sendWith, startScimServer } from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'
import { runShell } from '../support/shell.ts'

let server: TestServer
let directory: Directory
before(async () => {
  server = await startScimServer()
  directory = await addDirectory(server, 'shell.example')
})
after(() => server.close())

const run = (line: string, env: Record<string, string> = { POSTERN_SCIM_ENABLED: 'true' }) =>
  runShell(`admin scim-token ${line}`, { ...commandEnvironment(server.database.url), ...env })

test('a token is made by the domain of a company, works, is listed without what it is, and ends', async () => {
  const made = await run('create shell.example --name "Entra ID" --expires-in 1y --json')
  assert.equal(made.code, 0, made.stderr)
  const { token, id, name, expires_at } = JSON.parse(made.stdout)
  assert.deepEqual([name, Date.parse(expires_at) > Date.now() + 364 * 86_400_000], ['Entra ID', true])
  const send = sendWith(server, token)
  assert.equal((await send('GET', '/Users')).status, 200)
  const listed = await run(`list ${directory.provider_id} --json`)
  const rows: { name: string; last_used_at: string | null }[] = JSON.parse(listed.stdout)
  assert.deepEqual(
    rows.map((row) => [row.name, row.last_used_at !== null]),
    [
      ['shell.example', false],
      ['Entra ID', true],
    ],
  )
  assert.ok(!listed.stdout.includes(token))
  const ended = await run(`revoke https://shell.example/saml ${id}`)
  assert.equal(ended.code, 0, ended.stderr)
  assert.equal((await send('GET', '/Users')).status, 401)
  const actions = await server.sql(
    `select payload->>'action' as action, payload->'act'->>'sub' <> '' as named from auth.audit_log_entries
      where payload->'traits'->>'scim_token_id' = $1 order by created_at`,
    [id],
  )
  assert.deepEqual(actions, [
    { action: 'scim_token_created', named: true },
    { action: 'scim_token_revoked', named: true },
  ])
})

test('a company that is not there, a token of another and SCIM that is off are told', async () => {
  const nobody = await run('list nobody.example')
  assert.deepEqual(
    [nobody.code, /no SSO provider is nobody\.example; there are shell\.example\b/.test(nobody.stderr)],
    [2, true],
    nobody.stderr,
  )
  const other = await addDirectory(server, 'other.example')
  const foreign = await run(`revoke other.example ${directory.token_id}`)
  assert.notEqual(foreign.code, 0)
  assert.match(foreign.stderr, /SCIM token not found/)
  assert.equal((await directory.send('GET', '/Users')).status, 200)
  assert.equal((await other.send('GET', '/Users')).status, 200)
  const off = await run('create other.example', { POSTERN_SCIM_ENABLED: 'false' })
  assert.notEqual(off.code, 0)
  assert.match(off.stderr, /SCIM server is disabled/)
})
