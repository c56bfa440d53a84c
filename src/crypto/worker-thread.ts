// A thread of its own for work that would hold up everybody else: takes numbered questions, gives the numbered answers.
import { Worker } from 'node:worker_threads'
import { unavailable } from '../errors.ts'
import type { NumberedAnswer } from './answer-questions.ts'
import { createWorkQueue } from './work-queue.ts'

/** How much a thread takes on. */
export interface ThreadOptions {
  /** Named in the log when it ends by itself. */
  name: string
  /** Questions that it is given at once; others wait in a queue, for two seconds at most. */
  concurrency: number
  memory_mb: number
  /** Milliseconds that questions may take before the thread is ended and begun anew; none without. */
  limit_ms?: number
  /** What the worker finds in `workerData`. */
  data?: unknown
}

/** A thread; it starts when it is first needed. */
export interface WorkerThread<Question> {
  /** @throws AuthError 503 when the thread is gone or stays busy; Error as the worker threw it */
  ask(question: Question): Promise<unknown>
  /** Starts it, so that nobody waits for that later. */
  prepare(): void
  close(): Promise<void>
}

interface Waiting {
  resolve(outcome: unknown): void
  reject(error: unknown): void
}

/** Milliseconds that a question waits for its turn. */
const queue_ms = 2000

/** Makes a thread of a worker's file, which answers by answer-questions.ts. */
export function createWorkerThread<Question>(file: URL, options: ThreadOptions): WorkerThread<Question> {
  const queue = createWorkQueue(options.concurrency, queue_ms)
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let last = 0

  const settle = ({ number, outcome, failure }: NumberedAnswer): void => {
    if (failure) waiting.get(number)?.reject(Object.assign(new Error(failure.message), { stack: failure.stack }))
    else waiting.get(number)?.resolve(outcome)
    waiting.delete(number)
    // An idle thread keeps no process alive.
    if (waiting.size === 0) worker?.unref()
  }
  const giveUp = (cause: unknown): void => {
    worker = null
    for (const { reject } of waiting.values()) reject(unavailable(cause, 1))
    waiting.clear()
  }
  const start = (): Worker => {
    const started = new Worker(file, {
      resourceLimits: { maxOldGenerationSizeMb: options.memory_mb },
      workerData: options.data,
    })
    started.unref()
    started.on('message', settle)
    started.on('error', (error) => worker === started && giveUp(error))
    started.on(
      'exit',
      (code) => worker === started && giveUp(new Error(`the thread for ${options.name} ended with ${code}`)),
    )
    return started
  }
  const post = (question: Question): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker ??= start()
      worker.ref()
      waiting.set(++last, { resolve, reject })
      worker.postMessage({ number: last, question })
    })
  const inTime = async (question: Question): Promise<unknown> => {
    if (options.limit_ms === undefined) return post(question)
    const timer = setTimeout(() => {
      const stuck = worker
      giveUp(new Error(`the thread for ${options.name} took over ${options.limit_ms} ms`))
      stuck?.terminate()
    }, options.limit_ms)
    return post(question).finally(() => clearTimeout(timer))
  }

  return {
    ask: (question) => queue(() => inTime(question)),
    prepare() {
      worker ??= start()
    },
    async close() {
      const running = worker
      giveUp(new Error('the server closes'))
      await running?.terminate()
    },
  }
}

/** The file of a worker beside a module: sources run as they are, the package is compiled. */
export const workerFile = (name: string, beside: string): URL =>
  new URL(`./${name}${beside.endsWith('.ts') ? '.ts' : '.js'}`, beside)
