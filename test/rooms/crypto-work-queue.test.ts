// The queue in front of work that fills a core.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorkQueue } from '../../src/crypto/work-queue.ts'
import { AuthError } from '../../src/errors.ts'

/** Work that begins when the queue lets it and ends when the test says so. */
function piece(name: string, log: string[]) {
  const { promise, resolve } = Promise.withResolvers<string>()
  const work = () => {
    log.push(name)
    return promise
  }
  return { work, finish: () => resolve(name) }
}

/** Lets everything run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('no more runs at once than allowed, and turns go by arrival', async () => {
  const queue = createWorkQueue(2, 60_000)
  const log: string[] = []
  const pieces = ['a', 'b', 'c', 'd'].map((name) => piece(name, log))
  const results = pieces.map(({ work }) => queue(work))
  await settle()
  assert.deepEqual(log, ['a', 'b'])
  pieces[1]?.finish()
  await settle()
  assert.deepEqual(log, ['a', 'b', 'c'])
  pieces[0]?.finish()
  pieces[2]?.finish()
  await settle()
  assert.deepEqual(log, ['a', 'b', 'c', 'd'])
  pieces[3]?.finish()
  assert.deepEqual(await Promise.all(results), ['a', 'b', 'c', 'd'])
})

test('work that fails gives its place back', async () => {
  const queue = createWorkQueue(1, 60_000)
  const fail = () => Promise.reject(new Error('no'))
  await assert.rejects(queue(fail), /no/)
  await assert.rejects(
    queue(() => {
      throw new Error('at once')
    }),
    /at once/,
  )
  assert.equal(await queue(() => Promise.resolve('next')), 'next')
})

test('who has waited too long fails with 503, is never run and holds no place', async () => {
  const queue = createWorkQueue(1, 10)
  const log: string[] = []
  const [first, late] = [piece('first', log), piece('late', log)]
  const running = queue(first.work)
  await assert.rejects(queue(late.work), (error) => error instanceof AuthError && error.status === 503)
  first.finish()
  assert.equal(await running, 'first')
  assert.equal(await queue(() => Promise.resolve('next')), 'next')
  assert.deepEqual(log, ['first'])
})

test('a thousand wait at most: one more fails with 503 at once, and those that wait are not touched', async () => {
  const queue = createWorkQueue(1, 60_000)
  const first = piece('first', [])
  const running = queue(first.work)
  const waiting = Array.from({ length: 1000 }, (_, i) => queue(() => Promise.resolve(i)))
  await assert.rejects(
    queue(() => Promise.resolve(-1)),
    (error) => error instanceof AuthError && error.status === 503 && error.details.retry_after === 1,
  )
  assert.equal(queue.state().waiting, 1000)
  first.finish()
  await running
  assert.deepEqual(
    await Promise.all(waiting),
    waiting.map((_, i) => i),
  )
})
