// Checks what authenticators (WebAuthn Level 3) and wallets sign on a thread of its own, which starts when it is first needed.
import type { ChainName } from './wallet-chains.ts'
import type { WalletMessage } from './wallet-message.ts'
import type { AssertionAnswer, RegistrationAnswer } from './webauthn-answer.ts'
import type { Asked, MadeCredential, ProvedUse, Unproved } from './webauthn-check.ts'
import { createWorkerThread, workerFile } from './worker-thread.ts'

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

/** Makes the checker. */
export function createProofThread(): ProofThread {
  const { ask, prepare, close } = createWorkerThread<ProofQuestion>(workerFile('proof-worker', import.meta.url), {
    name: 'proofs',
    concurrency: 32,
    memory_mb: 64,
  })
  const algorithms = [...webauthnAlgorithms]
  return {
    checkRegistration: async (answer, asked) =>
      (await ask({ kind: 'registration', answer, asked: { ...asked, algorithms } })) as MadeCredential | Unproved,
    checkAssertion: async (answer, asked, public_key) =>
      (await ask({ kind: 'assertion', answer, asked: { ...asked, algorithms }, public_key })) as ProvedUse | Unproved,
    checkWallet: async (chain, text, message, signature) =>
      (await ask({ kind: 'wallet', chain, text, message, signature })) === true,
    prepare,
    close,
  }
}
