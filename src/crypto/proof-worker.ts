// The thread that checks what authenticators and wallets sign.
import { answerQuestions } from './answer-questions.ts'
import type { ProofQuestion } from './proof-thread.ts'
import { chains } from './wallet-chains.ts'
import { checkAssertion, checkRegistration } from './webauthn-check.ts'

answerQuestions(answer)

function answer(question: ProofQuestion): unknown {
  switch (question.kind) {
    case 'registration':
      return checkRegistration(question.answer, question.asked)
    case 'assertion':
      return checkAssertion(question.answer, question.asked, question.public_key)
    case 'wallet':
      return chains[question.chain].isSignedBy(question.text, question.message, question.signature)
  }
}
