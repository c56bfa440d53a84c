// Checks what authenticators (WebAuthn Level 3) and wallets sign on a thread of its own, which starts when it is first needed.
import { Worker } from 'node:worker_threads'
import { unavailable } from '../errors.ts'
import type { ChainName } from './wallet-chains.ts'
import type { WalletMessage } from './wallet-message.ts'
import type { AssertionAnswer, RegistrationAnswer } from './webauthn-answer.ts'
import type { Asked, MadeCredential, ProvedUse, Unproved } from './webauthn-check.ts'
import { createWorkQueue } from './work-queue.ts'

/** What authenticators may sign with (COSE): ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512, EdDSA. */
export const webauthnAlgorithms: readonly number[] = [-7, -35, -36, -257, -258, -259, -37, -38, -39, -8]

/** Every method fails with AuthError 503 when the thread is gone or stays busy. */
export interface ProofThread {
  /** Checks the answer to creation options (WebAuthn §7.1). */
  checkRegistration(answer: RegistrationAnswer, asked: AskedFor): Promise<MadeCredential | Unproved>
  /** Checks the answer to request options (WebAuthn §7.2), but for the counter. */
  checkAssertion(answer: AssertionAnswer, asked: AskedFor, public_key: string): Promise<ProvedUse | Unproved>
  /** Whether the wallet that a message names has signed its text. */
  checkWallet(chain: ChainName, text: string, message: WalletMessage, signature: string): Promise<boolean>
  /** Starts the thread, so that nobody waits for it later. */
  prepare(): void
  close(): Promise<void>
}

/** The challenge and who asked. */
export type AskedFor = Omit<Asked, 'algorithms'>

/** A question to the thread. */
export type ProofQuestion =
  | { kind: 'registration'; answer: RegistrationAnswer; asked: Asked }
  | { kind: 'assertion'; answer: AssertionAnswer; asked: Asked; public_key: string }
  | { kind: 'wallet'; chain: ChainName; text: string; message: WalletMessage; signature: string }

interface Waiting {
  resolve(outcome: unknown): void
  reject(error: unknown): void
}

/** Makes the checker. */
export function createProofThread(): ProofThread {
  const queue = createWorkQueue(32, 2000)
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let last = 0

  const settle = (number: number, outcome: unknown): void => {
    waiting.get(number)?.resolve(outcome)
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
    const started = new Worker(new URL(`./proof-worker${extension}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    })
    started.unref()
    started.on('message', ({ number, outcome }: { number: number; outcome: unknown }) => settle(number, outcome))
    started.on('error', (error) => worker === started && giveUp(error))
    started.on('exit', (code) => worker === started && giveUp(new Error(`the thread for proofs ended with ${code}`)))
    return started
  }
  const ask = (question: ProofQuestion): Promise<unknown> =>
    queue(
      () =>
        new Promise((resolve, reject) => {
          worker ??= start()
          worker.ref()
          waiting.set(++last, { resolve, reject })
          worker.postMessage({ number: last, question })
        }),
    )
  const algorithms = [...webauthnAlgorithms]

  return {
    checkRegistration: async (answer, asked) =>
      (await ask({ kind: 'registration', answer, asked: { ...asked, algorithms } })) as MadeCredential | Unproved,
    checkAssertion: async (answer, asked, public_key) =>
      (await ask({ kind: 'assertion', answer, asked: { ...asked, algorithms }, public_key })) as ProvedUse | Unproved,
    checkWallet: async (chain, text, message, signature) =>
      (await ask({ kind: 'wallet', chain, text, message, signature })) === true,
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

/** Sources run as they are, the package is compiled. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
