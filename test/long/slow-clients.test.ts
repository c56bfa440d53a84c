// Ten thousand silent sockets, and readers and writers of a byte at a time: nobody else waits for them, and each has an end.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { inTime } from '../support/in-time.ts'
import { p99, timesOf } from '../support/latency.ts'
import { until } from '../support/process.ts'
import { mint } from '../support/server.ts'
import { type Serving, startServing } from '../support/serving.ts'

const silent = 10_000

async function signUp({ server }: Serving): Promise<string> {
  const answer = await fetch(`${server.url}/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'quick@example.com', password: 'correct horse battery staple' }),
  })
  return Object(await answer.json()).access_token
}

/** A connection that sends a text, and what becomes of it. */
function open({ server }: Serving, text: string): { socket: Socket; received(): string; closed: Promise<void> } {
  let received = ''
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text))
  socket.on('data', (data) => {
    received = (received + data.toString('latin1')).slice(0, 1000)
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  return { socket, received: () => received, closed }
}

const memory_mb = ({ server }: Serving): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]) / 1024

test(`${silent} silent sockets leave the p99 of GET /user within twice of what it was`, {
  timeout: 300_000,
}, async (t) => {
  const serving = await startServing()
  const opened: Socket[] = []
  try {
    const headers = { authorization: `Bearer ${await signUp(serving)}` }
    const measure = () => timesOf({ url: `${serving.server.url}/user`, headers, count: 2000, at_once: 4 })
    await measure()
    const before = p99(await measure())
    const memory_before = memory_mb(serving)
    let answered = 0
    while (opened.length < silent) {
      // Each has asked once, so that it is kept open.
      const some = Array.from({ length: 100 }, () => open(serving, 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n'))
      opened.push(...some.map(({ socket }) => socket))
      await until('they are answered', () => some.every((one) => one.received().startsWith('HTTP/1.1 200')))
      answered += some.length
    }
    const memory_with = memory_mb(serving)
    const during = p99(await measure())
    const still_open = opened.filter(({ destroyed }) => !destroyed).length
    for (const socket of opened) socket.destroy()
    const after = p99(await measure())
    t.diagnostic(
      `p99 of GET /user ${before.toFixed(1)} ms before, ${during.toFixed(1)} ms with ${still_open} sockets, ${after.toFixed(1)} ms after; ${(((memory_with - memory_before) * 1024) / silent).toFixed(1)} KB a socket`,
    )
    assert.equal(answered, silent)
    assert.equal(still_open, silent)
    assert.ok(during <= 2 * Math.max(before, after), `${during} ms against ${before} ms and ${after} ms`)
  } finally {
    for (const socket of opened) socket.destroy()
    await serving.close()
  }
})

test('readers of a list and writers of a body who take a byte at a time are ended', {
  timeout: 300_000,
}, async (t) => {
  const serving = await startServing()
  const { db } = serving.database
  const drips: NodeJS.Timeout[] = []
  try {
    const headers = { authorization: `Bearer ${await signUp(serving)}` }
    await db.query(`insert into auth.users (instance_id, id, aud, role, email, raw_user_meta_data, created_at, updated_at)
      select '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', n || '@example.com',
        jsonb_build_object('text', repeat('x', 16000)), now(), now() from generate_series(1, 1000) n`)
    const measure = () => timesOf({ url: `${serving.server.url}/user`, headers, count: 2000, at_once: 4 })
    await measure()
    const before = p99(await measure())
    const list = `GET /admin/users?per_page=1000 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${mint({ role: 'service_role' })}\r\n\r\n`
    const readers = Array.from({ length: 4 }, () => {
      const socket = connect(Number(new URL(serving.server.url).port), '127.0.0.1', () => socket.write(list))
      socket.on('readable', () => {})
      socket.on('error', () => {})
      // Who reads next to nothing hears of the end by what is sent; empty lines between requests are none.
      drips.push(setInterval(() => socket.read(1) !== undefined && socket.write('\r\n'), 250))
      return new Promise<void>((resolve) => socket.on('close', () => resolve()))
    })
    const writers = Array.from({ length: 200 }, () => {
      const one = open(
        serving,
        'POST /signup HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
      )
      drips.push(setInterval(() => one.socket.write(' '), 1000))
      return one
    })
    const began = performance.now()
    const ended = inTime(180_000, Promise.all([...readers, ...writers.map(({ closed }) => closed)]))
    const during = p99(await measure())
    await ended
    const took_s = (performance.now() - began) / 1000
    t.diagnostic(
      `p99 of GET /user ${before.toFixed(1)} ms, ${during.toFixed(1)} ms beside them, who were all gone after ${took_s.toFixed(0)} s`,
    )
    // The time of a whole request ends before that of its arrival.
    for (const one of writers) assert.match(one.received(), /^HTTP\/1\.1 504 /)
    assert.equal((await fetch(`${serving.server.url}/user`, { headers })).status, 200)
  } finally {
    for (const drip of drips) clearInterval(drip)
    await serving.close()
  }
})
