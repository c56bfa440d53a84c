// Computes bcrypt and argon2: by native code on libuv's threads, or, where that cannot be had, in WebAssembly.
import { availableParallelism } from 'node:os'
import type { HashQuestion } from './hash-worker.ts'
import { createWorkerThread, workerFile } from './worker-thread.ts'

/** Neither looks at what a hash may cost: stored-hash.ts has. */
export interface PasswordEngine {
  /** A bcrypt hash, `$2a$`, of the first 72 bytes. */
  hashBcrypt(password: string, cost: number): Promise<string>
  /** Whether the first 72 bytes have a bcrypt hash, `$2b$`. */
  verifyBcrypt(password: string | Uint8Array, hash: string): Promise<boolean>
  verifyArgon2(password: string, hash: string): Promise<boolean>
  /** Ends its threads. */
  close(): Promise<void>
}

/** The native code; without it why there is none, as a sentence goes on after its name. */
export type NativeEngine = { engine: PasswordEngine; reason?: never } | { engine: null; reason: string }

/** Loads what npm has installed for this platform. */
export async function loadNativeEngine(): Promise<NativeEngine> {
  try {
    const [bcrypt, argon2] = await Promise.all([import('@node-rs/bcrypt'), import('@node-rs/argon2')])
    const engine: PasswordEngine = {
      hashBcrypt: (password, cost) => bcrypt.hash(password, { cost, version: '2a' }),
      verifyBcrypt: bcrypt.verify,
      verifyArgon2: (password, hash) => argon2.verify(hash, password),
      close: async () => {},
    }
    return { engine }
  } catch (error) {
    const [other] = reasonsOf(error).filter((reason) => !/^Cannot find (module|package)/.test(reason))
    return { engine: null, reason: other === undefined ? 'is not installed' : `cannot be loaded (${other})` }
  }
}

/** Both packages are there, and try what each loads for the platform in turn: what kept each of these, without the words about them. */
function reasonsOf(error: unknown): string[] {
  const [outer = '', ...inner] = chainOf(error)
  return inner.length === 0 ? [outer] : inner
}

/** The first lines of an error and of its causes. */
const chainOf = (error: unknown): string[] =>
  error instanceof Error ? [error.message.split('\n')[0] ?? '', ...chainOf(error.cause)] : []

/**
 * The same results in WebAssembly, on a thread a core; bcrypt takes as long, argon2 two to three times. Its methods fail
 * with AuthError 503 when a thread is gone.
 */
export function createWasmEngine(threads: number = availableParallelism()): PasswordEngine {
  const crew = Array.from({ length: threads }, (_, index) => ({
    busy: 0,
    // Whoever asks has waited in the hasher's queue already.
    ...createWorkerThread<HashQuestion>(workerFile('hash-worker', import.meta.url), {
      name: `hashing ${index + 1}`,
      concurrency: 64,
      memory_mb: 64,
    }),
  }))
  const ask = async (question: HashQuestion): Promise<unknown> => {
    const freest = crew.reduce((best, thread) => (thread.busy < best.busy ? thread : best))
    freest.busy++
    return freest.ask(question).finally(() => freest.busy--)
  }
  const bytes = (password: string | Uint8Array) => Buffer.from(password)
  return {
    hashBcrypt: async (password, cost) => String(await ask({ kind: 'hash', password: bytes(password), cost })),
    verifyBcrypt: async (password, hash) => (await ask({ kind: 'bcrypt', password: bytes(password), hash })) === true,
    verifyArgon2: async (password, hash) => (await ask({ kind: 'argon2', password: bytes(password), hash })) === true,
    async close() {
      await Promise.all(crew.map((thread) => thread.close()))
    },
  }
}
