// Clients that take connections and give nothing for them: too many, silent ones, and slow ones.
import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { connectionBound } from '../../src/config/open-files.ts'
import { openFilesProblem } from '../../src/flows/doctor/connection-checks.ts'
import { type Handle, type ListenOptions, listen } from '../../src/runtimes/node.ts'
import { inTime } from '../support/in-time.ts'
import { until } from '../support/process.ts'

const quick: Handle = async () => new Response('{}')

async function serving(
  handle: Handle,
  bounds: Partial<ListenOptions>,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const listening = await listen(handle, { host: '127.0.0.1', port: 0, ...bounds })
  await work(listening.port).finally(() => listening.close(0))
}

/** A connection, what came over it so far, and its end. */
function open(port: number, text = ''): { socket: Socket; received(): string; closed: Promise<void> } {
  let received = ''
  const socket = connect(port, '127.0.0.1', () => socket.write(text))
  socket.on('data', (data) => {
    received += data.toString('latin1')
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  return { socket, received: () => received, closed }
}

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const answered = (connection: { received(): string }) => connection.received().startsWith('HTTP/1.1 200')

describe('connections', { concurrency: true }, () => {
  test('clients that keep connections without a request make room for one too many', () =>
    serving(quick, { max_connections: 20 }, async (port) => {
      const idle = Array.from({ length: 20 }, () => open(port, request))
      await until('all are answered', () => idle.every(answered))
      const next = open(port, request)
      await until('it is answered', () => answered(next))
      await Promise.all(idle.map(({ closed }) => closed))
      next.socket.destroy()
    }))

  test('where every connection is busy one too many gets 503 with Retry-After, and nobody else notices', async () => {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let running = 0
    const slow: Handle = async () => {
      running++
      await released
      return new Response('{}')
    }
    await serving(slow, { max_connections: 5 }, async (port) => {
      const busy = Array.from({ length: 5 }, () => open(port, request))
      await until('all are busy', () => running === busy.length)
      const over = open(port, request)
      await over.closed
      assert.match(over.received(), /^HTTP\/1\.1 503 /)
      assert.match(over.received(), /\r\nRetry-After: 1\r\n/)
      assert.equal(JSON.parse(over.received().split('\r\n\r\n')[1] ?? '').error_code, 'service_unavailable')
      release()
      await until('those before it are answered', () => busy.every(answered))
      const [first] = busy
      first?.socket.destroy()
      await first?.closed
      const agent = new Agent()
      const status = await until('there is room again', () =>
        new Promise<number | undefined>((resolve) =>
          get({ port, agent }, (response) => resolve(response.resume().statusCode)).on('error', () => resolve(0)),
        ).then((got) => got === 200 && got),
      )
      assert.equal(status, 200)
      for (const { socket } of busy) socket.destroy()
    })
  })

  test('a thousand more at once are cut off or told, and the server answers on', () =>
    serving(quick, { max_connections: 10 }, async (port) => {
      // Headers that never end keep a connection busy.
      const busy = Array.from({ length: 10 }, () => open(port, 'GET / HTTP/1.1\r\n'))
      await until('all are open', () => busy.every(({ socket }) => socket.readyState === 'open'))
      const more = Array.from({ length: 1000 }, () => open(port, request))
      await inTime(20_000, Promise.all(more.map(({ closed }) => closed)))
      assert.ok(more.every((one) => one.received() === '' || one.received().startsWith('HTTP/1.1 503')))
      for (const { socket } of busy) socket.destroy()
      const next = await until('there is room again', async () => {
        const tried = open(port, request)
        await until('it is answered or cut off', () => answered(tried) || tried.socket.destroyed)
        return answered(tried) ? tried : null
      })
      next.socket.destroy()
    }))

  const size = 32 * 1024 * 1024
  const large: Handle = async () => new Response(new Uint8Array(size))

  test('a reader that takes its answer byte by byte is cut off in time', () =>
    serving(large, { unread_ms: 3000 }, async (port) => {
      const dripping = connect(port, '127.0.0.1', () => dripping.write(request))
      dripping.on('error', () => {})
      // Who reads next to nothing hears of the end by what is sent; empty lines between requests are none.
      const drip = setInterval(() => {
        dripping.read(1)
        dripping.write('\r\n')
      }, 50)
      dripping.on('readable', () => {})
      const cut = new Promise<void>((resolve) => dripping.on('close', () => resolve()))
      await inTime(15_000, cut).finally(() => clearInterval(drip))
    }))

  test('a reader that takes its answer slowly, but within the time for one, has it whole', () =>
    serving(large, { unread_ms: 60_000 }, async (port) => {
      const whole = new Promise<number>((resolve, reject) => {
        get({ port }, (response) => {
          let got = 0
          response.on('data', (data: Buffer) => {
            got += data.length
            response.pause()
            setTimeout(() => response.resume(), 1)
          })
          response.on('end', () => resolve(got)).on('error', reject)
        })
      })
      assert.equal(await whole, size)
    }))

  test('a stream that is read piece by piece lasts longer than what one piece may take', () => {
    const piece = new Uint8Array(8 * 1024 * 1024)
    const streaming: Handle = async () => {
      let left = 12
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (left-- > 0) controller.enqueue(piece)
            else controller.close()
          },
        }),
      )
    }
    return serving(streaming, { unread_ms: 2500 }, async (port) => {
      const began = performance.now()
      const got = await new Promise<number>((resolve, reject) => {
        get({ port }, (response) => {
          let size = 0
          let pauses = 0
          response.on('data', (data: Buffer) => {
            size += data.length
            if (size < piece.length * (pauses + 1)) return
            pauses++
            response.pause()
            setTimeout(() => response.resume(), 300)
          })
          response.on('end', () => resolve(size)).on('error', reject)
        })
      })
      assert.equal(got, piece.length * 12)
      assert.ok(performance.now() - began > 2500)
    })
  })

  test('a body that is sent a byte at a time is 408 and cut off', () =>
    serving(
      async (incoming) => new Response(await incoming.text()),
      { requestTimeout: 2000 },
      async (port) => {
        const trickled = open(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n')
        const drip = setInterval(() => trickled.socket.write('x'), 100)
        await inTime(10_000, trickled.closed).finally(() => clearInterval(drip))
        assert.match(trickled.received(), /^HTTP\/1\.1 408 /)
      },
    ))
})

test('clients get what the limit of open files leaves, never all of it, and 20,000 connections at most', () => {
  assert.equal(connectionBound(0, 1024), 768)
  assert.equal(connectionBound(0, 256), 192)
  assert.equal(connectionBound(0, 1_048_576), 20_000)
  assert.equal(connectionBound(0, Number.POSITIVE_INFINITY), 20_000)
  assert.equal(connectionBound(50_000, 1_048_576), 50_000)
  assert.equal(connectionBound(50_000, 20_000), 19_744)
})

test('doctor and a start tell of a limit of open files that is too low, with what to do', () => {
  assert.match(openFilesProblem(0, 1024) ?? '', /1024 files open here.*room for 768 connections: .*LimitNOFILE=/)
  assert.match(openFilesProblem(50_000, 20_000) ?? '', /19744 connections of the 50000 .*POSTERN_MAX_CONNECTIONS/)
  assert.equal(openFilesProblem(0, 65_536), null)
  assert.equal(openFilesProblem(50_000, 65_536), null)
})
