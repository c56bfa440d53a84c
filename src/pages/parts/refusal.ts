// What a refusal of the API says to a person, and which field it is about.
import type { ApiAnswer, PageCtx } from '../page.ts'
import { wordOfError } from '../words/word-of-error.ts'
import type { FormError } from './notice.ts'

/** What is wrong, in words; the codes that are about a field lead to it. */
export function refusal(ctx: PageCtx, answer: ApiAnswer, fields: Readonly<Record<string, string>> = {}): FormError {
  const field = fields[answer.code]
  // What a hook of the application refuses with is meant for the person.
  const isOfHook = answer.code === '' && answer.status < 500 && answer.message !== ''
  const text = isOfHook ? answer.message : ctx.words(wordOfError(answer.code))
  return { text, ...(field !== undefined && { field }) }
}

/** The status of a page that tells of a refusal. */
export const statusOf = ({ status }: ApiAnswer): number => (status >= 400 && status < 600 ? status : 500)
