// Races of the pages: an application gets one session of an attempt, and none once a person has signed out everywhere.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { type Servers, startServers, together } from '../support/races.ts'
import type { Answer, SignedIn, TestServer } from '../support/server.ts'
import { newVisitor, signInToPages, type Visitor } from '../support/visitor.ts'

const rounds = 4
let people = 0

async function signedIn({ first }: Servers): Promise<{ person: SignedIn; visitor: Visitor }> {
  const person = await first.user({ email: `race${++people}@example.com` })
  const visitor = newVisitor(first)
  await signInToPages(first, visitor, person)
  return { person, visitor }
}

async function ask({ first }: Servers, visitor: Visitor, query: Record<string, string> = {}): Promise<Answer> {
  const parameters = new URLSearchParams({ provider: 'postern', redirect_to: 'https://app.example/', ...query })
  const begun = await first.request('GET', `/authorize?${parameters}`)
  return visitor.get(begun.location ?? '')
}

const sessionsOf = ({ first }: Servers, { user }: SignedIn) =>
  first.sql('select id from auth.sessions where user_id = $1', [user.id])

/** Sends the form at a server, as the browser that was shown it. */
function go(server: TestServer, shown: Visitor, page: Answer): Promise<Answer> {
  const visitor = newVisitor(server)
  for (const [name, value] of shown.cookies) visitor.cookies.set(name, value)
  return visitor.submit(page, '/pages/continue', { choice: 'continue' })
}

const isGone = ({ location }: Answer) => /[?#&](code|access_token)=/.test(location ?? '')

const races: Record<string, (servers: Servers) => Promise<void>> = {
  async 'an attempt without PKCE gives one session'(servers) {
    const { person, visitor } = await signedIn(servers)
    const page = await ask(servers, visitor)
    const answers = await together(servers, (server) => go(server, visitor, page))
    assert.equal(answers.filter(isGone).length, 1)
    assert.equal((await sessionsOf(servers, person)).length, 2)
  },
  async 'an attempt with PKCE gives one code, and the code one session'(servers) {
    const { person, visitor } = await signedIn(servers)
    const code_verifier = randomBytes(32).toString('base64url')
    const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
    const page = await ask(servers, visitor, { code_challenge, code_challenge_method: 's256' })
    const gone = (await together(servers, (server) => go(server, visitor, page))).filter(isGone)
    assert.equal(gone.length, 1)
    const auth_code = new URL(gone[0]?.location ?? '').searchParams.get('code')
    const answers = await together(servers, (server) =>
      server.request('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } }),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal((await sessionsOf(servers, person)).length, 2)
  },
  async 'whoever signs out everywhere meanwhile is signed in nowhere afterwards'(servers) {
    const { person, visitor } = await signedIn(servers)
    const pages: Answer[] = []
    for (let i = 0; i < 10; i++) pages.push(await ask(servers, visitor))
    const first = Promise.withResolvers<void>()
    await together(servers, async (server, i) => {
      const page = pages[i]
      if (i === 10) {
        // Amid the others: some have gone on, some are about to.
        await first.promise
        return server.request('POST', '/logout', { token: person.access_token })
      }
      if (!page) return server.request('GET', '/settings')
      const answer = await go(server, visitor, page)
      first.resolve()
      return answer
    })
    assert.deepEqual(await sessionsOf(servers, person), [])
  },
}

for (const count of [1, 2] as const)
  test(`twenty at once continue to an application, ${count === 1 ? 'one server' : 'two servers on one database'}`, async (t) => {
    const servers = await startServers(count, { POSTERN_PAGES: 'true' })
    try {
      for (const [name, race] of Object.entries(races))
        await t.test(name, async () => {
          for (let round = 0; round < rounds; round++) await race(servers)
        })
    } finally {
      await servers.close()
    }
  })
