// REV-11: a wrong password takes the time of an unknown address, whatever the account has instead of one.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { refusal } from '../support/cases.ts'
import { cpuTime } from '../support/cpu-time.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({ hash_cost: 10 })
})
after(() => server.close())

/** What stands in auth.users.encrypted_password. */
const hashes: Record<string, string | null> = {
  'no password': null,
  'an invitation': '',
  'a broken hash': '$2a$10$broken',
  'letters that no bcrypt makes': `$2a$10$${'Z'.repeat(53)}`,
  'text that is no hash': 'secret',
  'a cheap hash': '$2a$04$ZJPBJ1Q9Y0vQ1yX8m0oHauFXgkqJHqQw8rZ1yI8H5xR6tY6Wm0Vb6',
}

/** The least of several times is what the work itself takes; more is what else the process had to do. */
const least = (values: number[]): number => Math.min(...values)

test('REV-11 a wrong password takes the time of an unknown address, whatever the account has instead of one', async () => {
  const people = new Map<string, string>()
  for (const [name, hash] of Object.entries(hashes)) {
    const email = `${name.replaceAll(' ', '-')}@example.com`
    const body = { email, email_confirm: true }
    assert.equal((await server.request('POST', '/admin/users', { as: 'service_role', body })).status, 200)
    await server.sql('update auth.users set encrypted_password = $2 where email = $1', [email, hash])
    people.set(name, email)
  }
  await server.request('POST', '/admin/users', {
    as: 'service_role',
    body: { email: 'made@example.com', email_confirm: true },
  })
  people.set('an account that an administrator made', 'made@example.com')
  people.set('an unknown address', 'nobody@example.com')
  const times = new Map([...people.keys()].map((name) => [name, [] as number[]]))
  const ratios = () => {
    const unknown = least(times.get('an unknown address') ?? [])
    return [...times].map(([name, took]) => ({ name, ratio: least(took) / unknown }))
  }
  const areAlike = () => ratios().every(({ ratio }) => ratio > 0.6 && ratio < 1.7)
  // A machine that others use may need more rounds; what makes a difference by itself makes it in every one.
  for (let round = 0; round < 9 || (round < 60 && !areAlike()); round++)
    for (const [name, email] of people) {
      const body = { email, password: 'a wrong password' }
      const { process_ms } = await cpuTime(async () => {
        const answer = await server.request('POST', '/token?grant_type=password', { body })
        assert.equal(refusal(answer), '400 invalid_credentials', name)
      })
      if (round > 0) times.get(name)?.push(process_ms)
    }
  assert.ok(areAlike(), JSON.stringify(ratios()))
})
