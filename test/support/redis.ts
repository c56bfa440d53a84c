// A Redis server of a test's own: Debian's redis-server on a port of its own of the loopback, without files.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { requireProgram } from './debian.ts'
import { ownPort } from './own-port.ts'

/** A running server; `stop` ends it at once, as a crash would, and `start` brings it back on the same port, empty. */
export interface TestRedis {
  url: string
  stop(): Promise<void>
  start(): Promise<void>
}

/** Starts a Redis; text says why there can be none. */
export async function testRedis(): Promise<TestRedis | string> {
  const missing = requireProgram('redis-server')
  if (missing !== null) return missing
  const port = await ownPort()
  let process = await startRedis(port)
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      if (process.exitCode !== null || process.signalCode !== null) return
      const ended = once(process, 'exit')
      process.kill('SIGKILL')
      await ended
      rmSync(join(tmpdir(), fileOf(port)), { force: true })
    },
    async start() {
      process = await startRedis(port)
    },
  }
}

const fileOf = (port: number): string => `postern-${port}.rdb`

async function startRedis(port: number) {
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--repl-diskless-sync-delay',
    '0',
  ]
  // A replica keeps what it was sent in a file of its folder.
  const server = spawn('redis-server', [...args, '--dir', tmpdir(), '--dbfilename', fileOf(port)], {
    stdio: 'ignore',
  })
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null, retryStrategy: () => 20 })
  client.on('error', () => {})
  const answered = await Promise.race([client.ping(), once(server, 'exit'), pause(60_000, null, { ref: false })])
  client.disconnect()
  if (answered !== 'PONG') throw new Error('redis-server did not start')
  return server
}
