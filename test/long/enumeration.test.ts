// ENU-09: the time of an answer does not tell whether an address is known.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, startTestServer, type TestServer } from '../support/server.ts'

const samples = 50

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

/** Medians of interleaved requests for a known and an unknown address, in milliseconds. */
async function compare(ask: (email: string) => Promise<Answer>, known: string): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let i = 0; i < samples + 5; i++)
    for (const [which, email] of [
      [0, known],
      [1, `nobody${i}@example.com`],
    ] as const) {
      const started = performance.now()
      await ask(email)
      if (i >= 5) times[which].push(performance.now() - started)
    }
  return [median(times[0]), median(times[1])]
}

async function withServer(work: (server: TestServer, known: string) => Promise<void>): Promise<void> {
  const server = await startTestServer({ hash_cost: 10 })
  try {
    const { user } = await server.user({ email: 'known@example.com' })
    await work(server, user.email)
  } finally {
    await server.close()
  }
}

for (const [name, ask] of [
  [
    'a password sign-in',
    (server: TestServer) => (email: string) =>
      server.request('POST', '/token?grant_type=password', { body: { email, password: 'a wrong password' } }),
  ],
  ['a recovery', (server: TestServer) => (email: string) => server.request('POST', '/recover', { body: { email } })],
] as const)
  test(`ENU-09 ${name} takes the same time for known and unknown addresses`, (t) =>
    withServer(async (server, known) => {
      const [with_account, without] = await compare(ask(server), known)
      t.diagnostic(`medians ${with_account.toFixed(1)} ms and ${without.toFixed(1)} ms`)
      assert.ok(
        Math.abs(with_account - without) / Math.max(with_account, without) <= 0.1,
        `${with_account} and ${without} ms`,
      )
    }))
