// What the API could not answer for reasons of its own: nothing that a page could tell a person to mend.
import type { ApiAnswer } from './page.ts'

/** An answer of 500 or more. */
export class ApiOutage extends Error {
  readonly status: number
  /** Seconds after which a retry may succeed; null where nobody knows. */
  readonly retry_after: number | null

  constructor({ status, headers, code }: ApiAnswer, what: string) {
    super(`${what}: status ${status} ${code}`)
    this.name = 'ApiOutage'
    this.status = status
    const seconds = Number(headers.get('retry-after') ?? '')
    this.retry_after = Number.isInteger(seconds) && seconds > 0 ? seconds : null
  }
}

/** @throws ApiOutage for an answer of 500 or more */
export function requireNoOutage(answer: ApiAnswer, what: string): ApiAnswer {
  if (answer.status >= 500) throw new ApiOutage(answer, what)
  return answer
}
