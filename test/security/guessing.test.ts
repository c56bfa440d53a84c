// Codes that are short are guessed within their budgets by whatever route (security rule 2).
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { codeOf, codeTemplates } from '../support/cases.ts'
import { linkOf } from '../support/mail-sink.ts'
import { address, startProviderServer } from '../support/provider-server.ts'

const { server } = await startProviderServer({
  ...codeTemplates,
  GOTRUE_MAILER_TEMPLATES_INVITE: codeTemplates.GOTRUE_MAILER_TEMPLATES_RECOVERY ?? '',
})

const sha224 = (text: string) => createHash('sha224').update(text).digest('hex')
const accept = (invite_token: string) =>
  server.request('GET', `/authorize?${new URLSearchParams({ provider: 'github', invite_token })}`)

test('the hash of a code opens an invitation at a provider, and is guessed no oftener than the code', async () => {
  const email = address('invited')
  await server.request('POST', '/invite', { as: 'service_role', body: { email } })
  const { html } = await server.nextMail(email)
  const hash = sha224(`${email}${codeOf(html)}`)
  assert.equal((await accept(hash)).status, 302, 'as recorded')
  const guesses = await Promise.all(Array.from({ length: 120 }, (_, i) => accept(sha224(`${email}no code ${i}`))))
  assert.ok(guesses.every(({ status, body }) => status === 404 && body.error_code === 'user_not_found'))
  assert.equal((await accept(hash)).status, 404, 'who guesses on learns nothing more')
  const carried = new URL(linkOf({ html })).searchParams.get('token') ?? ''
  assert.equal((await accept(carried)).status, 302, 'what the link carries is no guess')
})

test('texts that can be no hash of a code count for nothing', async () => {
  await server.sql(`delete from postern.attempts where scope = 'invitation_hash'`)
  for (const text of ['unknown', 'a'.repeat(55), 'g'.repeat(56)]) assert.equal((await accept(text)).status, 404)
  assert.deepEqual(await server.sql(`select count from postern.attempts where scope = 'invitation_hash'`), [])
})

/** Guesses the code of a change to an address so many times; the answers' statuses. */
async function guess(email: string, times: number): Promise<number[]> {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) {
    const body = { type: 'email_change', email, token: `no code ${i}` }
    statuses.push((await server.request('POST', '/verify', { body })).status)
  }
  return statuses
}

test('many accounts that ask for one address give nobody more guesses at it', async () => {
  const [lone, crowded] = [address('wanted'), address('wanted')]
  const ask = async (email: string) => {
    const { access_token } = await server.user()
    const { status } = await server.request('PUT', '/user', { token: access_token, body: { email } })
    assert.equal(status, 200)
  }
  await ask(lone)
  for (let i = 0; i < 5; i++) await ask(crowded)
  assert.ok((await guess(lone, 21)).every((status) => status === 403))
  const statuses = await guess(crowded, 21)
  assert.deepEqual([...new Set(statuses.slice(0, 20))], [403])
  assert.equal(statuses[20], 429, 'twenty guesses at five codes are a hundred')
})
