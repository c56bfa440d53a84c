// The thread that checks what authenticators sign: takes a numbered question, posts the numbered answer.
import { parentPort } from 'node:worker_threads'
import type { WebAuthnQuestion } from './webauthn.ts'
import { checkAssertion, checkRegistration } from './webauthn-check.ts'

parentPort?.on('message', async ({ number, answer, asked, public_key }: WebAuthnQuestion) => {
  const outcome =
    public_key === null
      ? await checkRegistration(answer as never, asked)
      : await checkAssertion(answer as never, asked, public_key)
  parentPort?.postMessage({ number, outcome })
})
