// What clients do to the sockets of a server: slow headers, requests that could be read in two ways, and hanging up.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type Listening, listen } from '../../src/runtimes/node.ts'
import { inTime } from '../support/in-time.ts'
import { until } from '../support/process.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let listening: Listening

before(async () => {
  server = await startTestServer({ pool: 4 })
  listening = await listen(server.auth.fetch, { host: '127.0.0.1', port: 0 })
})
after(async () => {
  await listening.close(0)
  await server.close()
})

/** Sends bytes and gives all that comes back until the server closes. */
function exchange(
  text: string,
  options: { keep_open_ms?: number } = {},
): Promise<{ answer: string; closed_after_ms: number }> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const socket = connect(listening.port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    const timer = setTimeout(
      () => socket.destroy(new Error('the server did not close')),
      options.keep_open_ms ?? 30_000,
    )
    socket.on('data', (data) => {
      answer += data
    })
    // A reset after the answer is how a server closes that has not read to the end.
    socket.on('error', (error) => answer === '' && reject(error))
    socket.on('close', () => {
      clearTimeout(timer)
      resolve({ answer, closed_after_ms: performance.now() - began })
    })
  })
}

describe('sockets', { concurrency: true }, () => {
  test('HTTP-01 a client that sends its headers a byte at a time is cut off within ten seconds', {
    timeout: 20_000,
  }, async () => {
    const cutOff = new Promise<void>((resolve) => {
      const socket = connect(listening.port, '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\nHost: a\r\n'))
      const drip = setInterval(() => socket.write('x'), 1000)
      socket.on('error', () => {})
      socket.on('data', () => {})
      socket.on('close', () => {
        clearInterval(drip)
        resolve()
      })
    })
    await inTime(10_500, cutOff)
  })

  const body = '{"email":"smuggled@example.com","password":"correct horse battery staple"}'
  const signUp = (...headers: string[]) =>
    ['POST /signup HTTP/1.1', 'Host: auth.example.test', 'Content-Type: application/json', ...headers, '', body].join(
      '\r\n',
    )
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const forms: Record<string, string> = {
    'a length and chunks': signUp(`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked').replace(
      body,
      chunked,
    ),
    'two lengths': signUp(`Content-Length: ${body.length}`, 'Content-Length: 4'),
    'a space before the colon': signUp('Transfer-Encoding : chunked').replace(body, chunked),
    'an encoding that is none': signUp('Transfer-Encoding: xchunked').replace(body, chunked),
    'a folded header': signUp('X-A: b\r\n c', `Content-Length: ${body.length}`),
    'no Host': signUp(`Content-Length: ${body.length}`).replace('Host: auth.example.test\r\n', ''),
    'a length that is no number': signUp('Content-Length: 0x10'),
  }
  for (const [name, text] of Object.entries(forms))
    test(`HTTP-03 ${name}: 400 and the connection is closed`, async () => {
      const { answer } = await exchange(text)
      assert.match(answer, /^HTTP\/1\.1 400 /)
      assert.deepEqual(await server.sql(`select id from auth.users where email = 'smuggled@example.com'`), [])
    })

  const probes = {
    'HTTP/1.0 without Host': 'GET /health HTTP/1.0\r\n\r\n',
    'HTTP/1.0 with an empty Host': 'GET /health HTTP/1.0\r\nHost:\r\n\r\n',
    'an empty Host': 'GET /health HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
    'the name of a service': 'GET /health HTTP/1.1\r\nHost: auth_server:9999\r\nConnection: close\r\n\r\n',
    'an IPv6 address': 'GET /health HTTP/1.1\r\nHost: [::1]:9999\r\nConnection: close\r\n\r\n',
  }
  for (const [name, text] of Object.entries(probes))
    test(`a load balancer that asks for /health with ${name} hears that all is well`, async () => {
      const { answer } = await exchange(text)
      assert.match(answer, /^HTTP\/1\.1 200 /)
      assert.match(answer, /"name":"GoTrue"/)
    })

  test('FLT-09 five hundred clients that hang up leave no connection busy and no transaction open', {
    timeout: 60_000,
  }, async () => {
    const { access_token, user } = await server.user({ email: 'stays@example.com' })
    const request = `PUT /user HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${access_token}\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{"data":{"turn":"1"}}`
    const hangUp = () =>
      new Promise<void>((resolve) => {
        const socket = connect(listening.port, '127.0.0.1', () =>
          socket.write(request, () => setImmediate(() => socket.destroy())),
        )
        socket.on('error', () => {})
        socket.on('close', () => resolve())
      })
    for (let round = 0; round < 25; round++) await Promise.all(Array.from({ length: 20 }, hangUp))
    const open = () =>
      server.sql(
        `select state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
      )
    await until('every connection is idle', async () => (await open()).length === 0)
    const all = await Promise.all(
      Array.from({ length: 20 }, () => server.request('GET', '/user', { token: access_token })),
    )
    assert.ok(all.every(({ status, body }) => status === 200 && body.id === user.id))
  })
})
