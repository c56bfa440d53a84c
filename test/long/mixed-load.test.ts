// Half an hour of what people do, mixed: next to nothing fails, and memory stays as it is. POSTERN_TEST_MINUTES sets another length.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Serving, startServing } from '../support/serving.ts'

const minutes = Number(process.env.POSTERN_TEST_MINUTES ?? 30)
const people = 40
const password = 'correct horse battery staple'

/** Milliseconds between two requests of a person. */
const rest_ms = 150

interface Counts {
  answered: number
  failures: Map<string, number>
}

const memory_mb = ({ server }: Serving): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]) / 1024

let clients = 0

async function ask(
  { server }: Serving,
  counts: Counts,
  [method, path]: [string, string],
  options: { token?: unknown; body?: unknown } = {},
): Promise<Record<string, unknown> | null> {
  const n = ++clients
  const headers = {
    'content-type': 'application/json',
    'x-client': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
    ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
  }
  const body = options.body === undefined ? {} : { body: JSON.stringify(options.body) }
  const answer = await fetch(`${server.url}${path}`, { method, headers, ...body }).catch((error: unknown) =>
    String(error),
  )
  const failure = typeof answer === 'string' ? answer : answer.status >= 400 ? `${answer.status} of ${path}` : null
  if (typeof answer === 'string' || failure !== null) {
    counts.failures.set(String(failure), (counts.failures.get(String(failure)) ?? 0) + 1)
    return null
  }
  counts.answered++
  const text = await answer.text()
  return text === '' ? {} : Object(JSON.parse(text))
}

/** What somebody does, over and over: signs in, is looked at, refreshes, changes something, signs out. */
async function live(serving: Serving, counts: Counts, { email, until_ms }: { email: string; until_ms: number }) {
  while (performance.now() < until_ms) {
    let session = await ask(serving, counts, ['POST', '/token?grant_type=password'], { body: { email, password } })
    for (let turn = 0; turn < 20 && session !== null && performance.now() < until_ms; turn++) {
      for (let look = 0; look < 3; look++) {
        await ask(serving, counts, ['GET', '/user'], { token: session.access_token })
        await pause(rest_ms)
      }
      if (turn % 5 === 4)
        await ask(serving, counts, ['PUT', '/user'], { token: session.access_token, body: { data: { turn } } })
      await ask(serving, counts, ['GET', '/settings'])
      session = await ask(serving, counts, ['POST', '/token?grant_type=refresh_token'], {
        body: { refresh_token: session.refresh_token },
      })
      await pause(rest_ms)
    }
    if (session !== null) await ask(serving, counts, ['POST', '/logout'], { token: session.access_token })
    await pause(rest_ms)
  }
}

test(`${minutes} minutes of mixed load have under 0.1 % errors, and memory stays flat`, {
  timeout: (minutes + 5) * 60_000,
}, async (t) => {
  const serving = await startServing({ GOTRUE_DB_CLEANUP_ENABLED: 'true' })
  try {
    const counts: Counts = { answered: 0, failures: new Map() }
    const began = performance.now()
    const until_ms = began + minutes * 60_000
    const samples: number[] = []
    const sampler = setInterval(() => samples.push(memory_mb(serving)), 1000)
    const lives: Promise<void>[] = []
    // They come one after the other, so that not all of them hash at the same time.
    for (let i = 0; i < people; i++) {
      const email = `mixed${i}@example.com`
      await ask(serving, counts, ['POST', '/signup'], { body: { email, password } })
      lives.push(live(serving, counts, { email, until_ms }))
    }
    await Promise.all(lives).finally(() => clearInterval(sampler))
    const failed = [...counts.failures.values()].reduce((sum, count) => sum + count, 0)
    // The first quarter warms up; what grows for ever is larger at the end than in the middle by more than noise.
    const quarter = Math.floor(samples.length / 4)
    const median = (part: number[]) => part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0
    const [second, last] = [median(samples.slice(quarter, 2 * quarter)), median(samples.slice(3 * quarter))]
    t.diagnostic(
      `${counts.answered} answered, ${failed} failed ${JSON.stringify([...counts.failures])}; memory ${second.toFixed(0)} MB in the second quarter, ${last.toFixed(0)} MB in the last, ${Math.max(...samples).toFixed(0)} MB at most`,
    )
    assert.ok(counts.answered > minutes * 500)
    assert.ok(failed < counts.answered / 1000, JSON.stringify([...counts.failures]))
    assert.ok(last < second * 1.15 + 5, `${second} MB, then ${last} MB`)
  } finally {
    await serving.close()
  }
})
