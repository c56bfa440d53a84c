// Ports of postern dev: taken at the moment they are found free.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listenFrom } from '../../src/cli/listen-from.ts'
import { ownPort } from '../support/own-port.ts'

const handle = async () => new Response('here')

test('servers that want one port at the same moment each get one, and answer there', async () => {
  const port = await ownPort()
  const servers = await Promise.all([1, 2, 3].map(() => listenFrom(handle, { host: '127.0.0.1', port, tries: 100 })))
  try {
    assert.deepEqual(servers.map((server) => server.port - port).sort(), [0, 1, 2])
    for (const server of servers)
      assert.equal(await fetch(`http://127.0.0.1:${server.port}`).then((response) => response.text()), 'here')
  } finally {
    for (const server of servers) await server.close(0)
  }
})

test('a port that is asked for and taken is told at once, without a look at others', async () => {
  const port = await ownPort()
  const server = await listenFrom(handle, { host: '127.0.0.1', port, tries: 1 })
  try {
    await assert.rejects(listenFrom(handle, { host: '127.0.0.1', port, tries: 1 }), {
      message: `port ${port} is taken by another program: end it, or set another with PORT or --port`,
    })
  } finally {
    await server.close(0)
  }
})

test('what is no matter of a taken port is told', async () => {
  await assert.rejects(listenFrom(handle, { host: '192.0.2.1', port: 0, tries: 1 }), {
    message: /^GOTRUE_API_HOST is no address of this machine \(192\.0\.2\.1\)/,
  })
})
