// A company of 10,000 people is provisioned, one request each as directories do, and put into groups.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addDirectory, type Directory, enterprise, patch, startScimServer, userSchema } from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'

const people = Number(process.env.POSTERN_TEST_PEOPLE ?? 10_000)
const clients = 8
let server: TestServer
let directory: Directory
before(async () => {
  server = await startScimServer()
  directory = await addDirectory(server, 'large.example')
})
after(() => server.close())

test(`${people} users are made in under a minute, and put into a group in seconds`, async (t) => {
  const ids: string[] = []
  let next = 0
  const begun = performance.now()
  const work = async () => {
    while (next < people) {
      const at = next++
      const made = await directory.send('POST', '/Users', {
        schemas: [userSchema, enterprise],
        userName: `person${at}@large.example`,
        externalId: `object-${at}`,
        displayName: `Person ${at}`,
        name: { givenName: 'Person', familyName: `${at}` },
        emails: [{ type: 'work', primary: true, value: `person${at}@large.example` }],
        [enterprise]: { department: `Department ${at % 50}` },
      })
      assert.equal(made.status, 201, made.text)
      ids.push(String(made.body.id))
    }
  }
  await Promise.all(Array.from({ length: clients }, work))
  const took = (performance.now() - begun) / 1000
  t.diagnostic(`${people} users in ${took.toFixed(1)} s, ${Math.round(people / took)} a second`)
  const grouping = performance.now()
  const { body } = await directory.send('POST', '/Groups', { displayName: 'Everybody' })
  for (let at = 0; at < ids.length; at += 1000) {
    const value = ids.slice(at, at + 1000).map((id) => ({ value: id }))
    const added = await directory.send('PATCH', `/Groups/${body.id}`, patch({ op: 'add', path: 'members', value }))
    assert.equal(added.status, 204, added.text)
  }
  t.diagnostic(`put into a group in ${((performance.now() - grouping) / 1000).toFixed(1)} s`)
  const [row] = await server.sql<{ n: number }>(
    `select count(*) as n from auth.users where raw_app_meta_data->'groups' = '["Everybody"]'`,
  )
  assert.equal(row?.n, people)
  for (const [what, path] of [
    ['found by name', '/Users?filter=userName eq "person77@large.example"'],
    ['found by address', '/Users?filter=emails[type eq "work"].value eq "person77@large.example"'],
    ['the last page', `/Users?startIndex=${people - 99}&count=100`],
    ['the group without its members', `/Groups/${body.id}?excludedAttributes=members`],
    ['the group with its members', `/Groups/${body.id}`],
  ] as const) {
    const started = performance.now()
    assert.equal((await directory.send('GET', path)).status, 200)
    t.diagnostic(`${what} in ${(performance.now() - started).toFixed(1)} ms`)
  }
  assert.ok((took * 10_000) / people < 60, `${took} s`)
})
