// Filters of SCIM on real rows: a table of what each finds, and of what is refused and why.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addDirectory, type Directory, enterprise, startScimServer } from '../support/scim.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let directory: Directory
before(async () => {
  server = await startScimServer()
  directory = await addDirectory(server, 'filter.example')
  const ids: Record<string, string> = {}
  for (const user of people) ids[user.userName] = String((await directory.send('POST', '/Users', user)).body.id)
  const members = [{ value: ids.ada }, { value: ids.bob }]
  await directory.send('POST', '/Groups', { displayName: 'Staff', members })
})
after(() => server.close())

const people = [
  {
    userName: 'ada',
    externalId: 'X1',
    title: 'Countess',
    name: { familyName: 'Lovelace' },
    emails: [
      { type: 'work', value: 'ada@filter.example', primary: true },
      { type: 'home', value: 'ada@home.example' },
    ],
    [enterprise]: { department: 'Engines', manager: { value: 'm1' } },
  },
  { userName: 'bob', externalId: 'x1', emails: [{ type: 'home', value: 'bob@filter.example' }], active: false },
  { userName: 'cy_%', displayName: '100 %' },
  { userName: 'd"q\\b', displayName: "'; drop table postern.scim_users; --" },
]

const found: readonly [string, string[]][] = [
  ['userName eq "ADA"', ['ada']],
  ['USERNAME Eq "ada"', ['ada']],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada"', ['ada']],
  ['userName ne "ada"', ['bob', 'cy_%', 'd"q\\b']],
  ['userName sw "A" or userName ew "B"', ['ada', 'bob', 'd"q\\b']],
  ['userName co "_%"', ['cy_%']],
  ['userName sw "%"', []],
  ['userName eq "d\\"q\\\\b"', ['d"q\\b']],
  ['displayName eq "\'; drop table postern.scim_users; --"', ['d"q\\b']],
  ['externalId eq "X1"', ['ada']],
  ['externalId pr', ['ada', 'bob']],
  ['not (externalId pr)', ['cy_%', 'd"q\\b']],
  ['externalId eq null', ['cy_%', 'd"q\\b']],
  ['active eq false', ['bob']],
  ['active eq "False"', ['bob']],
  ['active ne false and externalId pr', ['ada']],
  ['title pr', ['ada']],
  ['title ne "Countess"', ['bob', 'cy_%', 'd"q\\b']],
  ['name.familyName co "LACE"', ['ada']],
  ['name pr', ['ada']],
  ['emails eq "ada@home.example"', ['ada']],
  ['emails.value ew "@filter.example"', ['ada', 'bob']],
  ['emails[type eq "work"].value co "@filter"', ['ada']],
  ['emails[type eq "work" and value co "home"]', []],
  ['emails.type eq "work" and emails.value co "home"', ['ada']],
  ['emails[not (type eq "work")]', ['ada', 'bob']],
  ['emails[primary eq true]', ['ada']],
  ['emails pr', ['ada', 'bob']],
  ['not (emails pr)', ['cy_%', 'd"q\\b']],
  [`${enterprise}:department eq "engines"`, ['ada']],
  [`${enterprise}:manager.value eq "m1"`, ['ada']],
  ['groups.display eq "staff"', ['ada', 'bob']],
  ['groups[display eq "Staff"] and active eq true', ['ada']],
  ['userName eq "ada" or userName eq "bob" and active eq true', ['ada']],
  ['(userName eq "ada" or userName eq "bob") and active eq false', ['bob']],
  ['userName gt "b" and userName lt "c"', ['bob']],
  ['meta.created gt "2020-01-01T00:00:00Z" and meta.lastModified le "2199-12-31"', ['ada', 'bob', 'cy_%', 'd"q\\b']],
  ['meta.created lt "2020-01-01T00:00:00Z"', []],
  ['nickName co "x" or title eq 5', []],
]

for (const [filter, wanted] of found)
  test(`${filter} finds ${wanted.join(', ') || 'nobody'}`, async () => {
    const { status, text, body } = await directory.send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    assert.equal(status, 200, text)
    const names = (body.Resources as { userName: string }[]).map(({ userName }) => userName)
    assert.deepEqual([names, body.totalResults], [wanted, wanted.length])
  })

const refused = [
  '',
  'userName',
  'userName eq',
  'userName eq ada',
  'userName eq "ada',
  'userName is "ada"',
  'userName eq "a" and',
  'userName eq "a" userName eq "b"',
  '(userName eq "a"',
  'userName eq "a")',
  'nothing eq "a"',
  'name.nothing eq "a"',
  'emails[nothing eq "a"]',
  'emails[type eq "a"',
  'userName[type eq "a"]',
  'emails[type eq "a"].nothing eq "b"',
  'active gt true',
  'active eq "perhaps"',
  'meta.created co "2020"',
  'meta.created gt "yesterday"',
  'userName gt null',
  'userName eq {"a":1}',
  'userName eq ["a"]',
  'userName eq "a\u0000"',
  'userName eq "\\ud800"',
  '__proto__ eq "a"',
  'constructor pr',
]

for (const filter of refused)
  test(`the filter ${JSON.stringify(filter)} is refused`, async () => {
    const { status, text, body } = await directory.send('GET', `/Users?filter=${encodeURIComponent(filter)}`)
    assert.deepEqual([status, body.scimType], [400, 'invalidFilter'], text)
  })

test('an order by any attribute puts those without it last', async () => {
  for (const [by, wanted] of [
    ['userName', ['ada', 'bob', 'cy_%', 'd"q\\b']],
    ['name.familyName', ['ada']],
    ['emails', ['ada', 'bob']],
    ['meta.created', ['ada', 'bob', 'cy_%', 'd"q\\b']],
    [`${enterprise}:department`, ['ada']],
  ] as const) {
    const { body } = await directory.send('GET', `/Users?sortBy=${encodeURIComponent(by)}`)
    const names = (body.Resources as { userName: string }[]).map(({ userName }) => userName)
    assert.deepEqual(names.slice(0, wanted.length), wanted, by)
    assert.equal(names.length, people.length)
  }
})
