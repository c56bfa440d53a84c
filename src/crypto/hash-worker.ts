// A thread that computes bcrypt and argon2 in WebAssembly.
import { randomBytes } from 'node:crypto'
import { argon2Verify, bcrypt, bcryptVerify } from 'hash-wasm'
import { answerQuestions } from './answer-questions.ts'

/** A question to the thread. */
export type HashQuestion =
  | { kind: 'hash'; password: Uint8Array; cost: number }
  | { kind: 'bcrypt' | 'argon2'; password: Uint8Array; hash: string }

/** The library refuses no bytes, and over 72 for bcrypt, which repeats a password and a zero until it has as many. */
const accepted = (password: Uint8Array, most: number): Uint8Array =>
  password.length === 0 ? new Uint8Array(1) : password.subarray(0, most)
const bcryptLength = 72

answerQuestions(answer)

function answer(question: HashQuestion): Promise<unknown> {
  const password = accepted(question.password, bcryptLength)
  switch (question.kind) {
    case 'hash':
      return bcrypt({ password, salt: randomBytes(16), costFactor: question.cost })
    case 'bcrypt':
      return bcryptVerify({ password, hash: question.hash })
    case 'argon2':
      return verifyArgon2(question.password, question.hash)
  }
}

/** Nobody signs in without a password where it cannot be checked; the refusal takes its time nonetheless. */
async function verifyArgon2(password: Uint8Array, hash: string): Promise<boolean> {
  const matches = await argon2Verify({ password: accepted(password, Number.POSITIVE_INFINITY), hash })
  return matches && password.length > 0
}
