// A hook or a mail server that hangs slows nobody else down: a pool of five serves unrelated requests meanwhile.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startMailSink } from '../support/mail-sink.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

const limit_ms = 500

/** Sends GET /user over and over while other requests hang, and returns the time that 99 of 100 stay under. */
async function p99While(server: TestServer, hang: () => Promise<unknown>): Promise<number> {
  const { access_token } = await server.user()
  const hanging = Promise.allSettled(Array.from({ length: 20 }, hang))
  const times: number[] = []
  for (let i = 0; i < 400; i++) {
    const started = performance.now()
    const { status } = await server.request('GET', '/user', { token: access_token })
    times.push(performance.now() - started)
    assert.equal(status, 200)
  }
  await hanging
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? 0
}

/** An HTTP server that takes requests and never answers. */
async function startSilence(): Promise<{ url: string; stop(): void }> {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

for (const name of ['SEND_EMAIL', 'SEND_SMS', 'CUSTOM_ACCESS_TOKEN', 'BEFORE_USER_CREATED'])
  test(`a silent ${name} hook leaves GET /user under ${limit_ms} ms`, async (t) => {
    const silence = await startSilence()
    const plain = await startTestServer({ pool: 5 })
    const { access_token } = await plain.user({ email: 'unrelated@example.com' })
    const server = await startTestServer({
      pool: 5,
      database: plain.database,
      env: {
        [`GOTRUE_HOOK_${name}_ENABLED`]: 'true',
        [`GOTRUE_HOOK_${name}_URI`]: silence.url,
        GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
      },
    })
    let next = 0
    const requests: Record<string, () => Promise<unknown>> = {
      SEND_EMAIL: () =>
        server.request('POST', '/signup', { body: { email: `e${next++}@example.com`, password: 'hunter22hunter' } }),
      SEND_SMS: () => server.request('POST', '/otp', { body: { phone: `1555000${1000 + next++}` } }),
      CUSTOM_ACCESS_TOKEN: () =>
        server.request('POST', '/token?grant_type=password', {
          body: { email: 'unrelated@example.com', password: 'correct horse battery staple' },
        }),
      BEFORE_USER_CREATED: () =>
        server.request('POST', '/signup', { body: { email: `b${next++}@example.com`, password: 'hunter22hunter' } }),
    }
    try {
      const hang = requests[name]
      assert.ok(hang)
      const times: number[] = []
      const hanging = Promise.allSettled(Array.from({ length: 20 }, hang))
      for (let i = 0; i < 400; i++) {
        const started = performance.now()
        assert.equal((await server.request('GET', '/user', { token: access_token })).status, 200)
        times.push(performance.now() - started)
      }
      await hanging
      times.sort((a, b) => a - b)
      const p99 = times[Math.floor(times.length * 0.99)] ?? 0
      t.diagnostic(`p99 ${p99.toFixed(1)} ms`)
      assert.ok(p99 < limit_ms, `${p99} ms`)
    } finally {
      silence.stop()
      await server.close()
      await plain.close()
    }
  })

test(`a silent mail server leaves GET /user under ${limit_ms} ms`, async (t) => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const mail = await startMailSink({ accept: () => opened })
  const server = await startTestServer({ pool: 5, mail })
  try {
    let next = 0
    const p99 = await p99While(server, () =>
      server.request('POST', '/signup', { body: { email: `m${next++}@example.com`, password: 'hunter22hunter' } }),
    )
    t.diagnostic(`p99 ${p99.toFixed(1)} ms`)
    assert.ok(p99 < limit_ms, `${p99} ms`)
  } finally {
    open()
    await server.close()
    await mail.stop()
  }
})
