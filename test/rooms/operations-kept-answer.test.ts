// The answer to GET /health that lies ready is byte for byte the one that the long way gives.
import assert from 'node:assert/strict'
import { get } from 'node:http'
import { after, before, test } from 'node:test'
import { noMeter } from '../../src/meter.ts'
import { createKeptAnswer } from '../../src/operations/kept-answer.ts'
import { type Listening, listen } from '../../src/runtimes/node.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let plain: Listening
let quick: Listening
/** Paths that went the long way. */
const asked: string[] = []
const counted: unknown[] = []

before(async () => {
  server = await startTestServer()
  const config = { base_path: '', tracing_enabled: false }
  const meter = { ...noMeter, count: (name: string, labels: object) => void counted.push([name, labels]) }
  const handle: TestServer['auth']['fetch'] = (request, connection) => {
    asked.push(request.url)
    return server.auth.fetch(request, connection)
  }
  const place = { host: '127.0.0.1', port: 0 }
  plain = await listen(server.auth.fetch, place)
  quick = await listen(handle, place, createKeptAnswer({ handle, config, meter }))
})
after(async () => {
  await plain.close(0)
  await quick.close(0)
  await server.close()
})

/** Status, headers in their order but for the date, and body. */
const ask = (port: number, path: string, headers: Record<string, string> = {}): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text) => {
        body += text
      })
      response.on('end', () => {
        const names = response.rawHeaders.filter((_, place) => place % 2 === 0).map((name) => name.toLowerCase())
        const { date: _, ...rest } = response.headers
        resolve([response.statusCode, names.toSorted(), rest, body])
      })
    }).on('error', reject)
  })

test('the first and the later answers are those of the long way', async () => {
  const expected = await ask(plain.port, '/health')
  for (let turn = 0; turn < 4; turn++) assert.deepEqual(await ask(quick.port, '/health'), expected)
  assert.deepEqual(asked.length, 2, 'the first request, and the one that is kept')
  assert.deepEqual(counted.at(-1), ['answers', { code: 200, method: 'GET', route: '/health' }])
})

for (const [path, headers] of [
  ['/health', { origin: 'https://app.example' }],
  ['/health?a=1', {}],
  ['/health/ready', {}],
  ['/settings', {}],
] as const)
  test(`GET ${path} with ${JSON.stringify(headers)} goes the long way`, async () => {
    const before = asked.length
    assert.deepEqual(await ask(quick.port, path, headers), await ask(plain.port, path, headers))
    assert.equal(asked.length, before + 1)
  })
