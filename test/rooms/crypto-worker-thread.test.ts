// Threads for work that would hold up everybody: what comes of a question, of a thread that falls over, and of one that is stuck.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  createWorkerThread,
  type ThreadOptions,
  type WorkerThread,
  workerFile,
} from '../../src/crypto/worker-thread.ts'
import { AuthError } from '../../src/errors.ts'
import { until } from '../support/process.ts'

const threads: WorkerThread<string>[] = []
after(() => Promise.all(threads.map((thread) => thread.close())))
function start(options: Partial<ThreadOptions> = {}): WorkerThread<string> {
  const file = new URL('../fixtures/worker.ts', import.meta.url)
  const thread = createWorkerThread<string>(file, { name: 'tests', concurrency: 1, memory_mb: 32, ...options })
  threads.push(thread)
  return thread
}
const isUnavailable = (error: unknown): boolean =>
  error instanceof AuthError && error.status === 503 && error.details.retry_after === 1

test('each question has its own answer, in whatever order they come', async () => {
  const { ask } = start({ concurrency: 8, data: 'with data' })
  // The start may take longer than others wait for their turn.
  await ask('ready')
  const questions = Array.from({ length: 30 }, (_, i) => `question ${i}`)
  assert.deepEqual(
    await Promise.all(questions.map(ask)),
    questions.map((question) => `${question} with data`),
  )
})

test('a thread that falls over is 503 for what it had, and begun anew for what comes next', async () => {
  const { ask } = start({ concurrency: 8 })
  const lost = await Promise.allSettled([ask('fall over'), ask('behind it')])
  for (const outcome of lost) assert.ok(outcome.status === 'rejected' && isUnavailable(outcome.reason))
  assert.equal(await ask('again'), 'again')
})

test('a question that cannot be answered fails by itself: the thread lives, and answers those behind it', async () => {
  const { ask } = start({ concurrency: 8 })
  const outcomes = await Promise.allSettled(['fail', 'fail oddly', 'answer oddly', 'behind them'].map(ask))
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []))
  assert.deepEqual(outcomes.at(-1), { status: 'fulfilled', value: 'behind them' })
  assert.deepEqual(errors.map(isUnavailable), [false, false, false])
  assert.match(
    errors.map(({ message }) => message).join(),
    /^this one cannot be answered,\[object Object\],.* could not be cloned\.$/,
  )
  assert.match(String(errors[0]?.stack), /worker\.ts/)
})

test('a question that takes too long is 503, and its thread is ended', async () => {
  const { ask } = start({ limit_ms: 1500 })
  await assert.rejects(ask('never answer'), isUnavailable)
  // The next thread has the same time to start, which on a busy machine it may not keep at once.
  const again = await until('another answers', () => ask('again').catch((error) => assert.ok(isUnavailable(error))))
  assert.equal(again, 'again')
})

test('what waits for a thread that is closed hears so', async () => {
  const { ask, close } = start()
  const waiting = assert.rejects(ask('never answer'), isUnavailable)
  await new Promise(setImmediate)
  await close()
  await waiting
})

test('the file of a worker is compiled where its module is', () => {
  assert.equal(workerFile('a-worker', 'file:///x/src/a.ts').href, 'file:///x/src/a-worker.ts')
  assert.equal(workerFile('a-worker', 'file:///x/dist/a.js').href, 'file:///x/dist/a-worker.js')
})
