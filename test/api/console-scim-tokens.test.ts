// The console's page of the tokens of a company's directory: made, shown once, listed, ended; by operators alone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addDirectory, type Directory, sendWith, startScimServer } from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'
import { newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

let server: TestServer
let directory: Directory
let operator: Visitor
let path: string
before(async () => {
  server = await startScimServer({
    POSTERN_PAGES: 'true',
    POSTERN_CONSOLE: 'true',
    POSTERN_CONSOLE_REQUIRE_AAL2: 'false',
  })
  directory = await addDirectory(server, 'console.example')
  path = `/console/organizations/${directory.provider_id}/scim`
  operator = newVisitor(server)
  await signInToPages(server, operator, await server.user({ email: 'operator@example.com', role: 'service_role' }))
})
after(() => server.close())

test('a company leads to its tokens, which are listed without what they are', async () => {
  const company = await operator.get(`/console/organizations/${directory.provider_id}`)
  assert.ok(company.text.includes(`href="${path}"`), company.text)
  const page = await operator.get(path)
  assert.equal(page.status, 200, page.text)
  assert.match(page.text, /console\.example/)
  assert.match(page.text, /http:\/\/auth\.example\.test\/scim\/v2/)
  assert.ok(!page.text.includes(directory.token))
})

test('a token is made and shown this once, works, and is refused once it is ended', async () => {
  const page = await operator.get(path)
  const made = await operator.submit(page, path, { name: 'Okta <b>', days: '30' })
  assert.equal(made.status, 200, made.text)
  const token = /value="(scim_[\w-]{43})"/.exec(made.text)?.[1] ?? ''
  assert.match(made.text, /Okta &lt;b&gt;/)
  const send = sendWith(server, token)
  assert.equal((await send('GET', '/Users')).status, 200)
  const [row] = await server.sql(
    `select id, expires_at > now() + interval '29 days' as late from postern.scim_tokens where name like 'Okta%'`,
  )
  assert.equal(row?.late, true)
  const end = `${path}/${row?.id}`
  const question = await operator.get(end)
  assert.equal((await send('GET', '/Users')).status, 200, 'a link ends nothing')
  const ended = await operator.submit(question, end)
  assert.deepEqual([ended.status, ended.location], [303, path])
  assert.equal((await send('GET', '/Users')).status, 401)
})

test('what is filled in wrongly is told at its field, and makes nothing', async () => {
  const page = await operator.get(path)
  for (const [fields, field] of [
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 'x', days: '0' }, 'days'],
    [{ name: 'x', days: 'a week' }, 'days'],
    [{ name: 'x', days: '9999' }, 'days'],
  ] as const) {
    const answer = await operator.submit(page, path, { ...fields })
    assert.equal(answer.status, 400)
    assert.match(answer.text, new RegExp(`id="${field}-error"`))
  }
  assert.equal((await server.sql('select from postern.scim_tokens')).length, 1)
})

test('nobody but operators sees or makes tokens, and no other site does', async () => {
  const person = newVisitor(server)
  await signInToPages(server, person, await server.user({ email: 'person@example.com' }))
  for (const visitor of [person, newVisitor(server)]) {
    const seen = await visitor.get(path)
    assert.notEqual(seen.status, 200)
    assert.doesNotMatch(seen.text, /console\.example/)
    assert.notEqual((await visitor.post(path, { name: 'x' })).status, 200)
  }
  const foreign = await operator.post(path, { name: 'x' }, { origin: 'https://evil.example' })
  assert.equal(foreign.status, 403)
  assert.equal((await server.sql('select from postern.scim_tokens')).length, 1)
})
