// What a refusal of the API means for a page of the account: a proof that is shown first, or words.
import { type ApiAnswer, goTo, type PageReply, type PersonCtx } from '../page.ts'
import { wordOfError } from '../words/word-of-error.ts'

/** Codes that ask for the second factor, shown now. */
const proofs: ReadonlySet<string> = new Set(['insufficient_aal', 'mfa_required'])
/** Codes that say that nobody is signed in here any more. */
const endings: ReadonlySet<string> = new Set(['session_not_found', 'session_expired', 'user_not_found', 'user_banned'])

/** The page to go to before an action can be done, which leads back to `back`; null where that is not what is missing. */
export function wayBefore(answer: ApiAnswer, back: string): PageReply | null {
  const query = new URLSearchParams({ redirect_to: back })
  if (proofs.has(answer.code)) return goTo(`/pages/second-factor?${query}&again=true`)
  // Something else that is gone, such as another device, is 404.
  return answer.status !== 404 && endings.has(answer.code) ? goTo(`/pages/sign-in?${query}`) : null
}

/** Goes back to a section after an action that has no form: with what was done, or why not. */
export function afterAction(ctx: PersonCtx, answer: ApiAnswer, back: string, done: string): PageReply {
  if (answer.ok) return goTo(back, { kind: 'success', text: done })
  return wayBefore(answer, back) ?? goTo(back, { kind: 'error', text: ctx.words(wordOfError(answer.code)) })
}
