// What a worker of worker-thread.ts does: takes numbered questions, posts the numbered answers, and lives on when one fails.
import { parentPort } from 'node:worker_threads'

/** What comes of a question: its outcome, or the text of the error that it ended with. */
export interface NumberedAnswer {
  number: number
  outcome?: unknown
  failure?: { message: string; stack: string | undefined }
}

/** Answers each question of this thread; what `answer` throws is told to who asked, and nobody else. */
export function answerQuestions<Question>(answer: (question: Question) => unknown): void {
  const post = (answered: NumberedAnswer) => parentPort?.postMessage(answered)
  parentPort?.on('message', async ({ number, question }: { number: number; question: Question }) => {
    try {
      post({ number, outcome: await answer(question) })
    } catch (error) {
      // As text: not everything that libraries throw can be handed to another thread.
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      post({ number, failure: { message, stack } })
    }
  })
}
